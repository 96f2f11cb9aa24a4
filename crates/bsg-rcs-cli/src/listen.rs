//! A socket to serve from.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::exit::Failure;

/// Listens, or says what keeps it from it.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|why| {
        let hint = match why.kind() {
            std::io::ErrorKind::AddrInUse => ": another program listens there; choose another port",
            _ => "",
        };
        Failure::input(format!("cannot listen on {address}: {why}{hint}"))
    })
}
