//! Connections that break in the way that the reply on them demands.

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

/// What happens to a connection when the next reply is written to it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionFault {
    /// Nothing special.
    #[default]
    None,
    /// It is reset.
    Reset,
    /// What is written is no HTTP.
    Garbage,
    /// After so many bytes of the body our half is closed; the other stays open.
    HalfClose(usize),
    /// After so many bytes of the body it is closed.
    Truncate(usize),
}

/// Sets the fault of a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionControl(Arc<Mutex<ConnectionFault>>);

impl ConnectionControl {
    /// Sets what happens with the next bytes written.
    pub(crate) fn set(&self, fault: ConnectionFault) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    fn get(&self) -> ConnectionFault {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    control: ConnectionControl,
    /// Bytes that may still be written before it ends; counted from the first write after the fault was set.
    left: Option<usize>,
    half_closed: bool,
}

const GARBAGE: &[u8] = b"\x00\xffthis is not HTTP\x00\r\n\r\n";

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buf: &mut ReadBuf) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, buf: &[u8]) -> Poll<io::Result<usize>> {
        let over = || Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        match self.control.get() {
            ConnectionFault::None => Pin::new(&mut self.stream).poll_write(cx, buf),
            ConnectionFault::Reset => {
                // With nothing to linger for, the kernel answers the close with RST.
                self.stream.set_zero_linger()?;
                over()
            }
            ConnectionFault::Garbage => {
                ready!(Pin::new(&mut self.stream).poll_write(cx, GARBAGE))?;
                over()
            }
            ConnectionFault::HalfClose(_) if self.half_closed => Poll::Ready(Ok(buf.len())),
            fault @ (ConnectionFault::HalfClose(bytes) | ConnectionFault::Truncate(bytes)) => {
                let left = self.left.unwrap_or_else(|| head(buf) + bytes);
                self.left = Some(left);
                if left > 0 {
                    let written =
                        ready!(Pin::new(&mut self.stream).poll_write(cx, &buf[..left.min(buf.len())]))?;
                    self.left = Some(left - written);
                    return Poll::Ready(Ok(written));
                }
                if fault == ConnectionFault::Truncate(bytes) {
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
        if self.half_closed || self.control.get() == ConnectionFault::Reset {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The length of the head of a reply, which is written in one piece.
fn head(buf: &[u8]) -> usize {
    buf.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4)
}

/// Accepts connections, slowly when a fault says so.
pub(crate) struct FaultListener {
    pub(crate) listener: TcpListener,
    pub(crate) faults: Control,
}

impl Listener for FaultListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let wait: Duration = self.faults.connection_delay();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        (
            Connection { stream, control: ConnectionControl::default(), left: None, half_closed: false },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, FaultListener>> for ConnectionControl {
    fn connect_info(stream: IncomingStream<'_, FaultListener>) -> Self {
        stream.io().control.clone()
    }
}
