//! By which names it is reached, and that a port that is gone is said.

use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{World, config};

#[tokio::test]
async fn a_page_that_rebinds_its_name_gets_no_token() {
    let mut config = config();
    config.allow_hosts = vec!["host.docker.internal".into(), "*.svc.cluster.local".into()];
    let world = World::with(config).await;
    let login = bytes::Bytes::from(json!({ "api_key": "live_sandbox" }).to_string());
    for (host, status) in [
        ("evil.example:8080", 403),
        ("host.docker.internal:8080", 200),
        ("sandbox.team.svc.cluster.local", 200),
        ("sandbox:8080", 200),
        ("127.0.0.1:9", 200),
    ] {
        let headers = [("host", host.to_owned()), ("content-type", "application/json".to_owned())];
        let answer = world.raw(Method::POST, "/api/auth/login", &headers, login.clone()).await;
        let (answered, body) = answer.unwrap();
        assert_eq!(answered, status, "{host}: {body}");
        for path in ["/sandbox/state", "/", "/api/accounts/balance"] {
            let answer = world.raw(Method::GET, path, &headers, bytes::Bytes::new()).await.unwrap();
            assert_eq!(answer.0 == 403, status == 403, "{host}{path}");
        }
    }
}

#[tokio::test]
async fn it_says_whether_it_is_there() {
    let world = World::new().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(world.view(path).await, "ok");
    }
}

#[tokio::test]
async fn events_end_when_connections_are_refused() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.sandbox.address()).await.unwrap();
    stream.write_all(b"GET /page/changes HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut begun = [0; 16];
    stream.read_exact(&mut begun).await.unwrap();
    world.fault(json!([{ "do": "refuse_connection", "for": "20ms" }])).await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
}

#[tokio::test]
async fn a_port_that_another_program_took_is_said() {
    let world = World::new().await;
    let address = world.sandbox.address();
    world.fault(json!([{ "do": "refuse_connection", "for": "50ms" }])).await;
    // The port is kept from those who ask for it in the usual way; this one insists.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    if socket.bind(address).is_err() {
        return;
    }
    let _taken = socket.listen(1).unwrap();
    let ended = world.sandbox.wait().await.unwrap_err();
    assert_eq!(ended.address, address);
    assert!(ended.to_string().contains(&address.to_string()));
}
