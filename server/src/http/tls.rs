//! TLS from a certificate and a key on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Says why TLS cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The certificate file is unreadable or holds no certificate.
    #[error("{}: {problem}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The key file is unreadable or holds no private key.
    #[error("{}: {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Key and certificate do not belong together, or use an unknown algorithm.
    #[error("{0}")]
    Pair(rustls::Error),
}

/// Reads certificate chain and key, both PEM, and makes the acceptor of HTTP/1.1 over TLS 1.2 and 1.3.
///
/// # Errors
///
/// When a file is unreadable or empty of what it should hold, or when the two do not match.
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let at_certificate = |problem| TlsError::Certificate { path: certificate.to_owned(), problem };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| at_certificate(describe(&error)))?;
    if chain.is_empty() {
        return Err(at_certificate("no `BEGIN CERTIFICATE` in this file".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| TlsError::Key { path: key.to_owned(), problem: describe(&error) })?;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn describe(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "no `BEGIN PRIVATE KEY` in this file".to_owned(),
        other => format!("not a PEM file ({other:?})"),
    }
}
