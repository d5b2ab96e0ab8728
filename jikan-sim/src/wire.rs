//! Connections whose end the one who answers decides.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use crate::control::Control;

/// What becomes of a connection when the next answer is written to it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing special.
    #[default]
    Pass,
    /// It is reset.
    Reset,
    /// What is written is no HTTP.
    Garbage,
    /// After so many bytes of the body our half is closed; the other stays open.
    HalfClose(usize),
    /// After so many bytes of the body it is closed.
    Truncate(usize),
}

/// By which the fate of a connection is set.
#[derive(Debug, Clone, Default)]
pub struct Rudder(Arc<Mutex<Fate>>);

impl Rudder {
    /// Sets what happens with the next bytes written.
    pub fn set(&self, fate: Fate) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fate;
    }

    fn get(&self) -> Fate {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    rudder: Rudder,
    /// Bytes that may still be written before it ends; counted from the first write after the fate was set.
    left: Option<usize>,
    half_closed: bool,
}

const GARBAGE: &[u8] = b"\x00\xffthis is not HTTP\x00\r\n\r\n";

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buf: &mut ReadBuf) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, buf: &[u8]) -> Poll<io::Result<usize>> {
        let over = || Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        match self.rudder.get() {
            Fate::Pass => Pin::new(&mut self.stream).poll_write(cx, buf),
            Fate::Reset => {
                // With nothing to linger for, the kernel answers the close with RST.
                self.stream.set_zero_linger()?;
                over()
            }
            Fate::Garbage => {
                ready!(Pin::new(&mut self.stream).poll_write(cx, GARBAGE))?;
                over()
            }
            Fate::HalfClose(_) if self.half_closed => Poll::Ready(Ok(buf.len())),
            fate @ (Fate::HalfClose(bytes) | Fate::Truncate(bytes)) => {
                let left = self.left.unwrap_or_else(|| head(buf) + bytes);
                self.left = Some(left);
                if left > 0 {
                    let written =
                        ready!(Pin::new(&mut self.stream).poll_write(cx, &buf[..left.min(buf.len())]))?;
                    self.left = Some(left - written);
                    return Poll::Ready(Ok(written));
                }
                if fate == Fate::Truncate(bytes) {
                    return over();
                }
                ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
                self.half_closed = true;
                Poll::Ready(Ok(buf.len()))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        if self.half_closed || self.rudder.get() == Fate::Reset {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The length of the head of an answer, which is written in one piece.
fn head(buf: &[u8]) -> usize {
    buf.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4)
}

/// Takes connections, slowly when it is told to.
pub struct Gate {
    pub(crate) listener: TcpListener,
    pub(crate) control: Control,
}

impl Listener for Gate {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let wait: Duration = self.control.connection();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        (Wire { stream, rudder: Rudder::default(), left: None, half_closed: false }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Gate>> for Rudder {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        stream.io().rudder.clone()
    }
}
