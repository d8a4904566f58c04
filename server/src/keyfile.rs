//! Key files of those who issue credentials: the province, a commune, a team.
//!
//! ```text
//! bdhv key, version 1
//! public 64 hex digits
//! secret 64 hex digits
//! ```
//!
//! or, encrypted with a passphrase:
//!
//! ```text
//! bdhv key, version 1
//! public 64 hex digits
//! argon2id m=65536 t=3 p=4       memory in KiB, passes, lanes (RFC 9106)
//! salt 32 hex digits
//! chacha20poly1305 24 hex digits the nonce (RFC 8439)
//! sealed 96 hex digits           the secret and the tag, over all lines before as associated data
//! ```
//!
//! Every line ends with a line feed. The file is made readable by its owner only, and never overwritten.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use ed25519_dalek::SigningKey;

use crate::fault::{Fault, Kind};

/// The first line.
const HEADER: &str = "bdhv key, version 1";
/// Longest file read: the longest that is written has 360 bytes.
const FILE_BYTES_MAX: u64 = 4096;
/// Memory of Argon2id in KiB, its passes and lanes: the second choice of RFC 9106, section 4, which also
/// suits a laptop of a commune.
const COST: Cost = Cost { memory: 64 * 1024, passes: 3, lanes: 4 };
/// Costs above these are not from here: 1 GiB, and a minute on a laptop.
const COST_MAX: Cost = Cost { memory: 1024 * 1024, passes: 16, lanes: 16 };

/// How hard a passphrase is to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is of another kind, or of a newer version.
    #[error("it does not begin with {HEADER:?}")]
    Header,
    /// A line is missing or cannot be read.
    #[error("line {line} should be: {what}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What belongs there.
        what: &'static str,
    },
    /// The key is encrypted, and no passphrase is known.
    #[error("it is encrypted, and no passphrase was given")]
    NoPassphrase,
    /// The passphrase is another one, or the file was changed.
    #[error("the passphrase does not open it")]
    Passphrase,
    /// The secret is not that of the public key named.
    #[error("its secret does not belong to its public key")]
    Mismatch,
    /// The passphrase could not be turned into a key.
    #[error("the passphrase could not be used: {0}")]
    Derive(argon2::Error),
    /// The system gave no random bytes.
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
}

/// Makes a new key and its file.
///
/// # Errors
///
/// When the file exists already or cannot be written; see [`Fault`].
pub(crate) fn make(path: &Path, passphrase: Option<&str>) -> Result<SigningKey, Fault> {
    let made = try_make(path, passphrase);
    made.map_err(|error| {
        let fault = Fault::new(Kind::CannotCreate, format!("cannot make the key file {}", path.display())).why(&error);
        match error {
            KeyFileError::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fault.help("choose another name: a key file is never overwritten")
            }
            _ => fault,
        }
    })
}

fn try_make(path: &Path, passphrase: Option<&str>) -> Result<SigningKey, KeyFileError> {
    let key = SigningKey::from_bytes(&random()?);
    let text = match passphrase {
        Some(passphrase) => seal(&key, passphrase, COST)?,
        None => format!("{}secret {}\n", head(&key), HEX.encode(&key.to_bytes())),
    };
    write_new(path, &text)?;
    Ok(key)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Reads a key file; `ask` is asked for the passphrase if it is encrypted.
///
/// # Errors
///
/// When it cannot be read, is damaged, or the passphrase is wrong; see [`Fault`].
pub(crate) fn load(path: &Path, ask: impl FnOnce() -> Result<Option<String>, Fault>) -> Result<SigningKey, Fault> {
    let fault = |error: KeyFileError| {
        let fault = Fault::new(Kind::Config, format!("cannot use the key file {}", path.display())).why(&error);
        match error {
            KeyFileError::NoPassphrase => fault.help("give the file that holds it with --passphrase-file FILE"),
            _ => fault,
        }
    };
    let text = read(path).map_err(|error| fault(error.into()))?;
    let passphrase = if is_sealed(&text) { ask()? } else { None };
    open(&text, passphrase.as_deref()).map_err(fault)
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

fn is_sealed(text: &str) -> bool {
    text.lines().nth(2).is_some_and(|line| line.starts_with("argon2id"))
}

fn open(text: &str, passphrase: Option<&str>) -> Result<SigningKey, KeyFileError> {
    let lines: Vec<&str> = text.lines().collect();
    if lines.first() != Some(&HEADER) {
        return Err(KeyFileError::Header);
    }
    let public: [u8; 32] = field(&lines, 1, "public", "public, and 64 hex digits")?;
    let secret = if is_sealed(text) {
        unseal(text, &lines, passphrase.ok_or(KeyFileError::NoPassphrase)?)?
    } else {
        field(&lines, 2, "secret", "secret, and 64 hex digits")?
    };
    let key = SigningKey::from_bytes(&secret);
    if key.verifying_key().to_bytes() == public { Ok(key) } else { Err(KeyFileError::Mismatch) }
}

fn head(key: &SigningKey) -> String {
    format!("{HEADER}\npublic {}\n", HEX.encode(&key.verifying_key().to_bytes()))
}

fn seal(key: &SigningKey, passphrase: &str, cost: Cost) -> Result<String, KeyFileError> {
    let (salt, nonce): ([u8; 16], [u8; 12]) = (random()?, random()?);
    let Cost { memory, passes, lanes } = cost;
    let text = format!(
        "{}argon2id m={memory} t={passes} p={lanes}\nsalt {}\nchacha20poly1305 {}\n",
        head(key),
        HEX.encode(&salt),
        HEX.encode(&nonce)
    );
    let payload = Payload { msg: &key.to_bytes(), aad: text.as_bytes() };
    let sealed = cipher(passphrase, &salt, cost)?.encrypt(&Nonce::from(nonce), payload);
    let sealed = sealed.map_err(|_| KeyFileError::Passphrase)?;
    Ok(format!("{text}sealed {}\n", HEX.encode(&sealed)))
}

fn unseal(text: &str, lines: &[&str], passphrase: &str) -> Result<[u8; 32], KeyFileError> {
    let cost = read_cost(lines[2]).ok_or(KeyFileError::Line { line: 3, what: "argon2id, and its m=, t= and p=" })?;
    let salt: [u8; 16] = field(lines, 3, "salt", "salt, and 32 hex digits")?;
    let nonce: [u8; 12] = field(lines, 4, "chacha20poly1305", "chacha20poly1305, and 24 hex digits")?;
    let sealed: [u8; 48] = field(lines, 5, "sealed", "sealed, and 96 hex digits")?;
    let end = text.find("\nsealed ").ok_or(KeyFileError::Passphrase)?;
    let payload = Payload { msg: &sealed, aad: &text.as_bytes()[..=end] };
    let secret = cipher(passphrase, &salt, cost)?.decrypt(&Nonce::from(nonce), payload);
    secret.ok().and_then(|secret| secret.try_into().ok()).ok_or(KeyFileError::Passphrase)
}

fn cipher(passphrase: &str, salt: &[u8], cost: Cost) -> Result<ChaCha20Poly1305, KeyFileError> {
    let Cost { memory, passes, lanes } = cost;
    let params = Params::new(memory, passes, lanes, Some(32)).map_err(KeyFileError::Derive)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(KeyFileError::Derive)?;
    Ok(ChaCha20Poly1305::new(&key.into()))
}

/// Reads `argon2id m=65536 t=3 p=4`, within [`COST_MAX`].
fn read_cost(line: &str) -> Option<Cost> {
    let mut words = line.strip_prefix("argon2id ")?.split(' ');
    let mut number = |name: &str, max: u32| {
        let number: u32 = words.next()?.strip_prefix(name)?.parse().ok()?;
        (number <= max).then_some(number)
    };
    Some(Cost {
        memory: number("m=", COST_MAX.memory)?,
        passes: number("t=", COST_MAX.passes)?,
        lanes: number("p=", COST_MAX.lanes)?,
    })
}

/// Reads a line of a name and hex digits.
fn field<const N: usize>(
    lines: &[&str],
    index: usize,
    name: &str,
    what: &'static str,
) -> Result<[u8; N], KeyFileError> {
    let digits = lines.get(index).and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let bytes = digits.and_then(|digits| HEX.decode(digits.trim_end().as_bytes()).ok()?.try_into().ok());
    bytes.ok_or(KeyFileError::Line { line: index + 1, what })
}

fn random<const N: usize>() -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(KeyFileError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory: 64, passes: 1, lanes: 1 };

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    #[test]
    fn a_plain_key_comes_back_and_damage_is_named() {
        let text = format!("{}secret {}\n", head(&key()), "07".repeat(32));
        assert_eq!(open(&text, None).unwrap(), key());
        let cases = [
            (text.replace("version 1", "version 2"), "it does not begin with \"bdhv key, version 1\""),
            (text.replace("public ", "public"), "line 2 should be: public, and 64 hex digits"),
            (text.replace("0707\n", "07\n"), "line 3 should be: secret, and 64 hex digits"),
            (text.replace("0707\n", "0708\n"), "its secret does not belong to its public key"),
            (String::new(), "it does not begin with \"bdhv key, version 1\""),
        ];
        for (text, error) in cases {
            assert_eq!(open(&text, None).unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_only() {
        let text = seal(&key(), "năm mới", CHEAP).unwrap();
        assert!(is_sealed(&text));
        assert_eq!(open(&text, Some("năm mới")).unwrap(), key());
        assert!(matches!(open(&text, Some("nam moi")), Err(KeyFileError::Passphrase)));
        assert!(matches!(open(&text, None), Err(KeyFileError::NoPassphrase)));
        for (before, after) in [("t=1", "t=2"), ("salt ", "salt f"), ("p=1", "p=99"), ("m=64", "m=4000000000")] {
            assert!(open(&text.replace(before, after), Some("năm mới")).is_err(), "{after}");
        }
    }

    #[test]
    fn a_file_is_the_owners_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = std::env::temp_dir().join(format!("bdhv-key-{}", std::process::id()));
        let made = make(&path, None).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(load(&path, || unreachable!("it is not encrypted")).unwrap(), made);
        let again = make(&path, None).unwrap_err().to_string();
        std::fs::remove_file(&path).unwrap();
        assert!(again.contains("never overwritten"), "{again}");
    }
}
