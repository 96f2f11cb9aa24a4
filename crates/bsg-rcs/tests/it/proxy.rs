//! A proxy of TCP between the client and the sandbox, which lets one thing go wrong.
//!
//! Every connection carries one exchange. Tokens pass unharmed: what goes wrong, goes wrong with the
//! call.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Nothing.
    Nothing,
    /// Nobody listens.
    Refused,
    /// The connection is reset before the request is read.
    ResetUnread,
    /// It is reset after that.
    Reset,
    /// Nothing is answered.
    Silence,
    /// This status line, with these headers and this body, is answered.
    Says(&'static str, &'static str, &'static str),
    /// The platform's own answer, its JSON cut in the middle.
    CutJson,
    /// The platform's own answer, the connection lost in the middle.
    CutConnection,
    /// The platform's own answer, called a text.
    Mislabelled,
}

/// A fault, as the proxy carries it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) wrong: Wrong,
    /// Whether the platform gets the call and carries it out.
    pub(crate) forwarded: bool,
    /// How many calls it befalls.
    pub(crate) times: u32,
}

#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    line: Mutex<Line>,
}

#[derive(Debug)]
struct State {
    platform: SocketAddr,
    fault: Mutex<Option<Fault>>,
    /// `METHOD path?query` of every request that was read.
    seen: Mutex<Vec<String>>,
    /// How many calls the platform has carried out; tokens do not count.
    carried_out: watch::Sender<u64>,
}

/// The port is held either way.
#[derive(Debug)]
enum Line {
    Listens(JoinHandle<()>),
    Refuses(TcpSocket),
    /// Between the two.
    Changes,
}

impl Proxy {
    pub(crate) fn start(platform: SocketAddr) -> Self {
        let socket = bound(([127, 0, 0, 1], 0).into());
        let address = socket.local_addr().unwrap();
        let state = Arc::new(State {
            platform,
            fault: Mutex::default(),
            seen: Mutex::default(),
            carried_out: watch::Sender::new(0),
        });
        let proxy = Self { address, state, line: Mutex::new(Line::Refuses(socket)) };
        proxy.listen();
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `METHOD path?query` of every request so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.state.seen.lock().unwrap().clone()
    }

    /// How many calls the platform has carried out.
    pub(crate) fn carried_out(&self) -> u64 {
        *self.state.carried_out.borrow()
    }

    /// Waits until it has carried out so many: who gave up waiting may be ahead of it.
    pub(crate) async fn until_carried_out(&self, count: u64) {
        let mut carried_out = self.state.carried_out.subscribe();
        carried_out.wait_for(|so_far| *so_far >= count).await.unwrap();
    }

    /// From now on this goes wrong.
    pub(crate) async fn befall(&self, fault: Fault) {
        *self.state.fault.lock().unwrap() = Some(fault);
        if fault.wrong != Wrong::Refused {
            return;
        }
        let line = std::mem::replace(&mut *self.line.lock().unwrap(), Line::Changes);
        if let Line::Listens(serving) = line {
            serving.abort();
            // Its socket is closed when it has ended.
            let _ = serving.await;
        }
        *self.line.lock().unwrap() = Line::Refuses(bound(self.address));
    }

    /// From now on nothing goes wrong.
    pub(crate) fn lift(&self) {
        *self.state.fault.lock().unwrap() = None;
        self.listen();
    }

    fn listen(&self) {
        let mut line = self.line.lock().unwrap();
        *line = match std::mem::replace(&mut *line, Line::Changes) {
            Line::Refuses(socket) => {
                let listener = socket.listen(64).unwrap();
                Line::Listens(tokio::spawn(serve(listener, Arc::clone(&self.state))))
            }
            line => line,
        };
    }
}

/// A socket that has its port and does not listen.
fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let state = Arc::clone(&state);
        // A connection that fails fails its exchange, which is what it is for.
        tokio::spawn(async move { exchange(stream, &state).await });
    }
}

async fn exchange(mut client: TcpStream, state: &State) -> std::io::Result<()> {
    if state.fault().is_some_and(|fault| fault.wrong == Wrong::ResetUnread) {
        // When its first byte is here the client has connected: what fails now was perhaps sent.
        client.peek(&mut [0]).await?;
        return client.set_zero_linger();
    }
    let request = whole(&mut client).await?;
    state.see(&request);
    let is_call = !request.starts_with(b"POST /api/auth/");
    let fault = if is_call { state.take() } else { None };
    let fault = fault.unwrap_or(Fault { wrong: Wrong::Nothing, forwarded: true, times: 1 });
    let answer = if fault.forwarded { forward(state.platform, &request).await? } else { vec![] };
    if is_call && fault.forwarded {
        state.carried_out.send_modify(|count| *count += 1);
    }
    let said = match fault.wrong {
        Wrong::Nothing => answer,
        Wrong::Reset => return client.set_zero_linger(),
        Wrong::Refused | Wrong::ResetUnread | Wrong::Silence => {
            // Until the client gives up.
            while client.read(&mut [0]).await? > 0 {}
            return Ok(());
        }
        Wrong::Says(status, headers, body) => says(status, headers, body.as_bytes()),
        Wrong::CutJson => {
            let body = body_of(&answer);
            says("200 OK", "content-type: application/json\r\n", &body[..body.len() / 2])
        }
        Wrong::CutConnection => answer[..answer.len() - body_of(&answer).len() / 2].to_vec(),
        Wrong::Mislabelled => says("200 OK", "content-type: text/plain\r\n", body_of(&answer)),
    };
    client.write_all(&said).await?;
    client.shutdown().await
}

impl State {
    fn fault(&self) -> Option<Fault> {
        *self.fault.lock().unwrap()
    }

    fn see(&self, request: &[u8]) {
        let line = String::from_utf8_lossy(request.split(|byte| *byte == b'\r').next().unwrap());
        self.seen.lock().unwrap().push(line.trim_end_matches(" HTTP/1.1").to_owned());
    }

    /// The fault that befalls the next call.
    fn take(&self) -> Option<Fault> {
        let mut held = self.fault.lock().unwrap();
        let fault = (*held)?;
        let left = fault.times - 1;
        *held = (left > 0).then_some(Fault { times: left, ..fault });
        Some(fault)
    }
}

fn says(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Where the head of a request or an answer ends.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn body_of(answer: &[u8]) -> &[u8] {
    &answer[end_of_head(answer).expect("the platform's answer has a head")..]
}

/// Reads one request whole.
async fn whole(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = end_of_head(&read) {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length = length.map_or(0, |length| length.trim().parse().unwrap());
            if read.len() >= end + length {
                return Ok(read);
            }
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The platform's answer to a request, as it came.
async fn forward(platform: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(platform).await?;
    let line = request.windows(2).position(|two| two == b"\r\n").unwrap() + 2;
    let (line, rest) = request.split_at(line);
    stream.write_all(&[line, b"connection: close\r\n", rest].concat()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}
