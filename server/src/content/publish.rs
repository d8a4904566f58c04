//! `bdhv content publish`: checks courses, signs them, and shows them at a node.

use std::path::{Path, PathBuf};

use clap::Args;
use content::{Compiled, Severity};
use ed25519_dalek::SigningKey;
use sync::DeviceId;
use sync::authority::{Chain, Purpose, Statement};

use super::draft::Draft;
use super::folder::Place;
use super::report;
use crate::cli::KeyArgs;
use crate::credential::{device_of, paper, signer};
use crate::days;
use crate::fault::{Fault, Kind};
use crate::order::{Order, Paper};
use crate::{control, packs};

/// What a refusal to publish begins with.
const NOT_PUBLISHED: &str = "was not published";

/// What to publish.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// Folder of a course, or one that holds the folders of several.
    path: PathBuf,
    /// Data folder of the node that shows them first, running or not.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Who signs.
    #[command(flatten)]
    signer: KeyArgs,
    /// Credential of the key, with the right to publish everywhere; of several, the key's own is taken. Left
    /// out, the key is the province's.
    #[arg(long, value_name = "FILE|TEXT")]
    chain: Vec<String>,
}

/// Publishes the courses, and returns what to print.
///
/// # Errors
///
/// When a course has problems, the key may not publish, or an edition is not greater than what the node has.
pub(super) fn run(args: &PublishArgs) -> Result<String, Fault> {
    let compiled = compile(&args.path)?;
    let key = signer(&args.signer)?;
    let chain = chain(&args.chain, device_of(&key))?;
    let mut said = String::new();
    for course in &compiled {
        // What was published before the one that was not, is published.
        let published = publish(args, course, &key, &chain).inspect_err(|_| print!("{said}"))?;
        said.push_str(&published);
    }
    Ok(said)
}

/// Compiles the courses, and prints the problems found; those that are no mere warnings end the command.
fn compile(path: &Path) -> Result<Vec<Compiled>, Fault> {
    let draft = Draft::read(&Place::find(path)?)?;
    eprint!("{}", report::lines(&draft));
    let errors = draft.count(Severity::Error);
    if errors > 0 {
        return Err(Fault::new(Kind::Data, format!("the courses have {errors} error(s), listed above"))
            .help("correct them, and publish again"));
    }
    draft.compile().map_err(|error| Fault::new(Kind::Data, "the courses cannot be compiled").why(error))
}

/// Finds the credential of the key among those given.
fn chain(given: &[String], device: DeviceId) -> Result<Chain, Fault> {
    if given.is_empty() {
        return Ok(Chain::default());
    }
    for source in given {
        if let Paper::Chain(chain) = paper::paper(source)?
            && chain.0.last().is_some_and(|leaf| leaf.subject == device)
        {
            return Ok(chain);
        }
    }
    Err(Fault::new(Kind::Config, format!("no credential given is that of the key, {}", device.in_full()))
        .help("give the credential that was issued to this key with --chain FILE"))
}

fn publish(args: &PublishArgs, course: &Compiled, key: &SigningKey, chain: &Chain) -> Result<String, Fault> {
    let (number, edition) = (course.manifest.course, course.manifest.edition);
    let what = format!("edition {edition} of course {number} {NOT_PUBLISHED}");
    let statement = sign(course, key, chain).map_err(|why| Fault::new(Kind::Config, &*what).why(why))?;
    let staged = packs::stage(&args.data, &statement, &course.blobs).map_err(|error| {
        Fault::new(Kind::CannotCreate, &*what).why(error).help("see that this user may write to the data folder")
    })?;
    control::ask(&args.data, &Order::Publish { staged: staged.to_string() })?.accepted(&what)?;
    let bytes: usize = course.blobs.iter().map(|blob| blob.bytes.len()).sum();
    let blobs = course.blobs.len();
    Ok(format!("edition {edition} of course {number} is published: {blobs} blobs of {bytes} bytes\n"))
}

fn sign(course: &Compiled, key: &SigningKey, chain: &Chain) -> Result<Vec<u8>, String> {
    let manifest = course.manifest.encode().map_err(|error| error.to_string())?;
    let signed = Statement::sign(key, Purpose::CourseEdition, days::today(), chain.clone(), manifest);
    let mut bytes = Vec::new();
    signed.map_err(|error| error.to_string())?.encode(&mut bytes);
    Ok(bytes)
}
