//! What a server shows to those who connect.

use anyhow::{Context, Result, ensure};
use kansoku_service::{TlsFiles, tls_connect, tls_over};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// How a client of Postgres asks for TLS: eight bytes, and a code (`SSLRequest`).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// How TLS begins on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// At once.
    AtOnce,
    /// When a client of Postgres has asked for it.
    AsPostgres,
}

/// The certificate that is shown on a loopback port.
pub async fn shown(port: u16, begin: Begin, files: &TlsFiles) -> Result<Vec<u8>> {
    let address = format!("127.0.0.1:{port}");
    let stream = match begin {
        Begin::AtOnce => tls_connect(&address, files).await?,
        Begin::AsPostgres => {
            let mut stream = TcpStream::connect(&address).await.context("connect to Postgres")?;
            stream.write_all(&SSL_REQUEST).await.context("ask Postgres for TLS")?;
            let answer = stream.read_u8().await.context("read the answer of Postgres")?;
            ensure!(answer == b'S', "Postgres speaks without TLS");
            tls_over(stream, "127.0.0.1", files).await?
        }
    };
    let shown = stream.get_ref().1.peer_certificates().and_then(|all| all.first());
    Ok(shown.context("read the certificate that was shown")?.to_vec())
}
