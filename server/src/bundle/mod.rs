//! `bdhv bundle`: records, withdrawals and revocations in a file, where no network is.
//!
//! | module | what |
//! |---|---|
//! | [`transfer`] | between a store and bytes |
//! | [`ask`] | the store: an own one, or that of a running node |
//! | [`seal`] | for one device only |
//!
//! The layout of a bundle is `sync::bundle`'s, that of a sealed one [`seal`]'s.

mod ask;
mod seal;
#[cfg(test)]
mod tests;
mod transfer;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use iroh::PublicKey;
use sync::DeviceId;
use sync::bundle::{ExportError, Exported, Head, Plan, Report};
use sync::net::Ticket;
use sync::replica::now;
use sync::store::Store;
use sync::wire::frame::Scope;

use crate::fault::{Fault, Kind};
use crate::{options, store};
use seal::SealError;
use transfer::{Outcome, Recipient, TransferError};

/// The commands of bundles.
#[derive(Debug, Subcommand)]
pub(crate) enum Bundle {
    /// Write what this node holds into a file.
    Export(ExportArgs),
    /// Take what a file holds. Taking it twice changes nothing.
    Import(ImportArgs),
}

/// Options of `bdhv bundle export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// File to write; one of this name is replaced.
    file: PathBuf,
    /// Folder that holds the node's data; the node must not be running.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Official code of a commune whose records to carry; repeat for more. Without it, all that is held.
    #[arg(long, value_name = "CODE")]
    commune: Vec<String>,
    /// Only what changed since this earlier bundle of the node, which the receiver has imported.
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Device that alone can read the file: its endpoint id or its ticket.
    #[arg(long, value_name = "DEVICE", value_parser = device)]
    seal: Option<DeviceId>,
}

/// Options of `bdhv bundle import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// File to read.
    file: PathBuf,
    /// Folder that holds the node's data; the node must not be running.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Official code of a commune this node works for; repeat for more. Without it, those of its credential.
    #[arg(long, value_name = "CODE")]
    commune: Vec<String>,
}

/// Runs a command of bundles to its end; says what became of it.
///
/// # Errors
///
/// See [`Fault`]. What a damaged bundle held before the damage is taken, and reported, nevertheless.
pub(crate) fn run(command: Bundle) -> Result<String, Fault> {
    match command {
        Bundle::Export(args) => export(&args).map(|lines| text(&lines)),
        Bundle::Import(args) => {
            let outcome = import(&args)?;
            let report = text(&imported(&outcome.report));
            whole(&args.file, outcome).inspect_err(|_| drop(io::stdout().lock().write_all(report.as_bytes())))?;
            Ok(report)
        }
    }
}

fn text(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

/// Reads an endpoint id or a ticket.
fn device(text: &str) -> Result<DeviceId, String> {
    let text = text.trim();
    let key = text.parse::<PublicKey>().ok().or_else(|| text.parse::<Ticket>().ok().map(|ticket| ticket.addr.id));
    key.map(|key| DeviceId(*key.as_bytes()))
        .ok_or_else(|| "write the endpoint id or the ticket that the node prints".to_owned())
}

fn export(args: &ExportArgs) -> Result<Vec<String>, Fault> {
    let since = args.since.as_deref().map(|earlier| earlier_head(earlier, &args.file)).transpose()?;
    let communes = options::communes(&args.commune)?;
    let scope = if communes.is_empty() { Scope::All } else { Scope::Communes(communes) };
    let store = existing(&args.data)?;
    let seal = args.seal.map(recipient).transpose()?;
    let plan = Plan { scope, since, made: now() };
    let part = part_of(&args.file);
    let written = write(&store, plan, seal, &part).and_then(|exported| {
        fs::rename(&part, &args.file)?;
        Ok(exported)
    });
    match written {
        Ok(exported) => Ok(exported_lines(&args.file, &exported, args.seal)),
        Err(error) => {
            // What is left of it is of no use, and its name is not the one asked for.
            let _ = fs::remove_file(&part);
            Err(fault("write", &args.file, &error))
        }
    }
}

/// The name under which a bundle is written until it is whole.
fn part_of(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    file.with_file_name(name)
}

fn write(store: &Store, plan: Plan, seal: Option<Recipient>, part: &Path) -> Result<Exported, TransferError> {
    let file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(part)?;
    let mut file = BufWriter::new(file);
    let exported = transfer::export(store, &store.secret(), plan, seal, &mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(exported)
}

/// The head of the bundle that an export continues.
fn earlier_head(earlier: &Path, file: &Path) -> Result<Head, Fault> {
    let same = fs::canonicalize(earlier).ok().is_some_and(|earlier| fs::canonicalize(file).ok() == Some(earlier));
    if same {
        return Err(Fault::new(Kind::Config, format!("{} would replace the bundle it continues", file.display()))
            .help("write to another file"));
    }
    let head = File::open(earlier).map_err(TransferError::from).and_then(|mut file| transfer::head(&mut file));
    head.map_err(|error| fault("read", earlier, &error))
}

fn existing(folder: &Path) -> Result<Store, Fault> {
    if store::exists(folder) {
        return store::open(folder);
    }
    Err(Fault::new(Kind::Config, format!("{} holds no node's data", folder.display()))
        .help("give the folder of `bdhv serve` with --data DIR"))
}

fn recipient(device: DeviceId) -> Result<Recipient, Fault> {
    let mut ephemeral = [0; 32];
    getrandom::fill(&mut ephemeral).map_err(|error| Fault::new(Kind::Software, "no random bytes").why(error))?;
    Ok(Recipient { device, ephemeral })
}

fn import(args: &ImportArgs) -> Result<Outcome, Fault> {
    let communes = options::communes(&args.commune)?;
    let fault = |error: TransferError| fault("read", &args.file, &error);
    let mut file = File::open(&args.file).map_err(|error| fault(error.into()))?;
    let store = store::open(&args.data)?;
    let scope = if communes.is_empty() {
        transfer::own_scope(&store, store.device()).map_err(fault)?
    } else {
        Scope::Communes(communes)
    };
    transfer::import(&store, &store.secret(), scope, now(), &mut file).map_err(fault)
}

/// Says where a bundle broke.
fn whole(file: &Path, outcome: Outcome) -> Result<(), Fault> {
    let shown = file.display();
    match (outcome.seal, outcome.report.damage) {
        (None, None) => Ok(()),
        (Some(error @ SealError::OtherDevice(_)), _) => Err(fault("open", file, &error.into())),
        (seal, damage) => {
            let why = seal.map(|error| error.to_string()).or(damage.map(|damage| damage.to_string()));
            Err(Fault::new(Kind::Data, format!("{shown} is not whole; everything before the damage was taken"))
                .why(why.unwrap_or_default())
                .help("copy or export it again, and import that: what is held is not taken twice"))
        }
    }
}

fn fault(what: &str, file: &Path, error: &TransferError) -> Fault {
    let kind = match error {
        TransferError::File(_) => Kind::CannotCreate,
        TransferError::Export(ExportError::OtherStore | ExportError::OtherScope) => Kind::Config,
        TransferError::Export(_) | TransferError::Store(_) => Kind::Unavailable,
        TransferError::Seal(_) | TransferError::Damage(_) => Kind::Data,
    };
    let fault = Fault::new(kind, format!("cannot {what} {}", file.display())).why(error);
    match error {
        TransferError::File(_) => fault.help("see that the stick is there, has room and may be written"),
        TransferError::Export(ExportError::OtherStore | ExportError::OtherScope) => {
            fault.help("export without --since, so that the bundle holds everything")
        }
        TransferError::Seal(SealError::OtherDevice(_)) => fault.help("import it on that node"),
        _ => fault,
    }
}

fn exported_lines(file: &Path, exported: &Exported, seal: Option<DeviceId>) -> Vec<String> {
    let mut lines = vec![
        format!("Đã ghi {}", file.display()),
        format!("Nhật ký: {}, mục: {}", exported.logs, exported.entries),
        format!("Yêu cầu rút: {}", exported.withdrawals),
    ];
    lines.extend(exported.epoch.map(|epoch| format!("Danh sách thu hồi: số {epoch}")));
    if exported.too_long > 0 {
        lines.push(format!("Nhật ký quá dài, phải đồng bộ qua mạng: {}", exported.too_long));
    }
    lines.extend(seal.map(|device| format!("Chỉ máy {device} mở được")));
    lines
}

fn imported(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(head) = &report.head {
        lines.push(format!("Từ máy {}", head.device));
    }
    lines.push(format!("Nhật ký mới: {}, dài thêm: {}, đã có: {}", report.new, report.grown, report.unchanged));
    lines.push(format!("Yêu cầu rút: {}", report.withdrawals));
    lines.extend(report.epoch.map(|epoch| format!("Danh sách thu hồi: số {epoch}")));
    lines.extend(report.refused.iter().map(|(reason, count)| format!("Không nhận ({reason}): {count}")));
    lines.extend(report.refusals.iter().map(|refusal| format!("  {refusal}")));
    lines
}
