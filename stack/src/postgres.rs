//! A Postgres server with a folder of its own, and databases in it.

mod standby;
mod template;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use kansoku_postgres::Addresses;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::{
    child::{Child, Signal, Start},
    port, server,
    tls::{Files, Tls},
    tools,
};

pub use standby::Replication;

/// The user of the operating system that the server runs as when we are root, which Postgres refuses to be.
pub const UNPRIVILEGED: &str = "postgres";

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its data folder; made and filled at the first start.
    pub data: PathBuf,
    /// Where its log goes.
    pub log: PathBuf,
    /// The loopback port.
    pub port: u16,
    /// The superuser's password; `None` trusts everyone on the loopback interface (tests only).
    pub password: Option<String>,
    /// Whether a commit waits for the disk; tests that start a server of their own do without.
    pub durable: bool,
    /// TLS, and nothing else then.
    pub tls: Option<Tls>,
}

impl Options {
    /// The address of a database of this server.
    pub fn url(&self, database: &str) -> String {
        self.url_with(database, self.tls.as_ref().map(|tls| &tls.client))
    }

    /// The same, for one who shows another certificate.
    pub fn url_with(&self, database: &str, files: Option<&Files>) -> String {
        let password = self.password.as_ref().map(|word| format!(":{word}")).unwrap_or_default();
        let tls = files.map(|files| format!("?{}", files.of_postgres())).unwrap_or_default();
        format!("postgres://kansoku{password}@127.0.0.1:{}/{database}{tls}", self.port)
    }

    /// Makes the database unless it is there.
    pub async fn ensure_database(&self, name: &str) -> Result<()> {
        create(&self.url("postgres"), name).await
    }
}

/// A running server.
pub type Server = server::Server<Options>;

impl Server {
    /// Starts a server in a temporary folder on a free port.
    pub async fn temporary() -> Result<Self> {
        Self::temporary_in(&tempfile::env::temp_dir()).await
    }

    /// The same, in a temporary folder inside of another.
    pub async fn temporary_in(parent: &Path) -> Result<Self> {
        let (options, folder) = temporary(parent)?;
        Self::start_in(options, Some(folder)).await
    }

    /// Starts a server in the given folder.
    pub async fn start(options: Options) -> Result<Self> {
        Self::start_in(options, None).await
    }

    /// The address of a database of this server.
    pub fn url(&self, database: &str) -> String {
        self.options.url(database)
    }
}

fn temporary(parent: &Path) -> Result<(Options, TempDir)> {
    let folder = tempfile::Builder::new().prefix("kansoku-postgres-").tempdir_in(parent);
    let folder = folder.context("make a folder")?;
    permit(folder.path(), 0o755)?; // an unprivileged server passes through; tempfile made it for its owner alone
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    Ok((Options { data, log, port: port::free()?, password: None, durable: false, tls: None }, folder))
}

/// A fresh database; it goes away with its server.
#[derive(Debug, Clone)]
pub struct Database {
    url: String,
    server: Option<Arc<Server>>,
    standby: Option<Arc<Server>>,
}

impl Database {
    /// A new empty database in the server that the tests of this process share.
    ///
    /// `KANSOKU_TEST_POSTGRES`, the address of a server's `postgres` database, saves starting one per process.
    pub async fn fresh() -> Result<Self> {
        let (server, name) = (shared().await?, unique_name());
        create(&format!("{server}/postgres"), &name).await?;
        Ok(Self { url: format!("{server}/{name}"), server: None, standby: None })
    }

    /// The same with our tables in it: a copy of one that has run all migrations.
    pub async fn migrated() -> Result<Self> {
        let (server, name) = (shared().await?, unique_name());
        template::copy(&server, &name).await?;
        Ok(Self { url: format!("{server}/{name}"), server: None, standby: None })
    }

    /// A new database in a server of its own, for tests that stop the server.
    pub async fn alone() -> Result<Self> {
        Self::alone_in(&tempfile::env::temp_dir()).await
    }

    /// The same, with its data in a temporary folder inside of another.
    pub async fn alone_in(parent: &Path) -> Result<Self> {
        let server = Arc::new(Server::temporary_in(parent).await?);
        let name = unique_name();
        create(&server.url("postgres"), &name).await?;
        Ok(Self { url: server.url(&name), server: Some(server), standby: None })
    }

    /// The address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server of a database made by [`Database::alone`].
    pub fn server(&self) -> &Server {
        let server = self.server.as_ref();
        #[expect(
            clippy::expect_used,
            reason = "a test that stops a shared server would break its neighbours"
        )]
        server.expect("only a database made by Database::alone has a server of its own")
    }
}

/// The address, without a database, of the server that the tests of this process share.
#[expect(clippy::disallowed_methods, reason = "the test run may lend one server to all test programs")]
async fn shared() -> Result<String> {
    static SHARED: OnceCell<Arc<Server>> = OnceCell::const_new();
    let admin = match std::env::var("KANSOKU_TEST_POSTGRES") {
        Ok(lent) => lent,
        Err(_) => {
            let start = || async { Server::temporary().await.map(Arc::new) };
            SHARED.get_or_try_init(start).await?.url("postgres")
        }
    };
    let (server, _) = admin.rsplit_once('/').context("read KANSOKU_TEST_POSTGRES as an address")?;
    Ok(server.to_owned())
}

fn unique_name() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

async fn create(admin: &str, name: &str) -> Result<()> {
    let admin = Addresses::parse(admin).context("read the address of the test database server")?;
    let mut session = admin.connect().await.context("connect to the test database server")?;
    let statement = sqlx::AssertSqlSafe(format!(r#"create database "{name}""#));
    match sqlx::query(statement).execute(&mut session).await {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P04") => Ok(()),
        Err(error) => Err(error).with_context(|| format!("create database {name}")),
    }
}

impl server::Options for Options {
    const LIMIT: Duration = Duration::from_secs(30);

    fn spawn(&self) -> Result<Child> {
        if !self.data.join("PG_VERSION").is_file() {
            initialise(self)?;
        }
        let mut command = Command::new(tools::postgres_bin()?.join("postgres"));
        command.arg("-D").arg(&self.data).arg("-p").arg(self.port.to_string());
        let durable = if self.durable { "on" } else { "off" };
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "timezone=UTC",
            "log_timezone=UTC",
            &format!("fsync={durable}"),
            &format!("full_page_writes={durable}"),
            "shared_buffers=256MB",
            "max_wal_size=2GB",
        ] {
            command.arg("-c").arg(setting);
        }
        if let Some(Tls { server, .. }) = &self.tls {
            let set = |name: &str, file: &Path| format!("{name}={}", file.display());
            let rules = self.write_rules(&server.cert.with_file_name("pg_hba.conf"))?;
            for setting in [
                "ssl=on".to_owned(),
                set("ssl_ca_file", &server.ca),
                set("ssl_cert_file", &server.cert),
                set("ssl_key_file", &server.key),
                set("hba_file", &rules),
            ] {
                command.arg("-c").arg(setting);
            }
        }
        let user = unprivileged();
        Child::start(Start { name: "postgres", command, log: self.log.clone(), user, end: Signal::INT })
    }

    async fn answers(&self) -> bool {
        PgConnection::connect(&self.url("postgres")).await.is_ok()
    }
}

impl Options {
    /// Writes who may come in: nobody without TLS, nor without a certificate.
    fn write_rules(&self, file: &Path) -> Result<PathBuf> {
        let method = if self.password.is_some() { "scram-sha-256" } else { "trust" };
        let rules = format!("hostssl all all 127.0.0.1/32 {method} clientcert=verify-ca\n");
        std::fs::write(file, rules).with_context(|| format!("write {}", file.display()))?;
        if let Some(user) = unprivileged() {
            own(file, user)?;
        }
        Ok(file.to_path_buf())
    }
}

fn initialise(options: &Options) -> Result<()> {
    let mut command = server_program("initdb", &options.data)?;
    command.args(["-U", "kansoku", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
    let secret = tempfile::NamedTempFile::new().context("make a password file")?;
    if let Some(password) = &options.password {
        std::fs::write(secret.path(), password).context("write the password file")?;
        if let Some(user) = unprivileged() {
            own(secret.path(), user)?;
        }
        command.args(["--auth=scram-sha-256", "--pwfile"]).arg(secret.path());
    } else {
        command.arg("--auth=trust");
    }
    fill("initdb", command, &options.data)
}

/// A program of the server's that fills a new data folder, as the server's user.
fn server_program(name: &str, data: &Path) -> Result<Command> {
    std::fs::create_dir_all(data).with_context(|| format!("make {}", data.display()))?;
    permit(data, 0o700)?; // Postgres refuses any other
    let mut command = Command::new(tools::find("setpriv")?);
    if let Some(user) = unprivileged() {
        own(data, user)?;
        command.arg(format!("--reuid={user}")).arg(format!("--regid={user}")).arg("--clear-groups");
    }
    command.arg("--").arg(tools::postgres_bin()?.join(name)).arg("-D").arg(data);
    Ok(command)
}

fn fill(name: &str, mut command: Command, data: &Path) -> Result<()> {
    let made = command.current_dir("/").stdin(Stdio::null()).output();
    let made = made.with_context(|| format!("run {name}"))?;
    if !made.status.success() {
        bail!("{name} in {}: {}", data.display(), String::from_utf8_lossy(&made.stderr).trim());
    }
    Ok(())
}

/// The user to run a database server as: only root has to change.
pub fn unprivileged() -> Option<&'static str> {
    is_root().then_some(UNPRIVILEGED)
}

/// Whether we run as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(crate) fn own(path: &Path, user: &str) -> Result<()> {
    let status = Command::new("chown").arg(format!("{user}:")).arg(path).status().context("run chown")?;
    if !status.success() {
        bail!("give {} to the user {user}", path.display());
    }
    Ok(())
}

fn permit(folder: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(folder, permissions)
        .with_context(|| format!("set who may enter {}", folder.display()))
}
