//! Keys and certificates of one cluster.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};

use crate::error::Error;
use crate::process::write_private;

/// One cluster's CA and what it signed. Each cluster has its own, so that mixed-up credentials show.
///
/// All keys are ECDSA on P-256, made in microseconds where RSA takes seconds.
#[derive(Debug)]
pub(crate) struct Pki {
    /// Signs both certificates.
    pub(crate) ca: String,
    /// Who may do everything.
    pub(crate) admin_certificate: String,
    pub(crate) admin_key: String,
    pub(crate) files: Files,
}

/// Where the servers read theirs.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) ca: PathBuf,
    pub(crate) serving_certificate: PathBuf,
    pub(crate) serving_key: PathBuf,
    /// Signs service accounts' tokens.
    pub(crate) accounts_key: PathBuf,
    /// Checks them.
    pub(crate) accounts_public_key: PathBuf,
}

impl Pki {
    /// Makes all of it and writes what servers read into a directory of its own.
    pub(crate) fn make(cluster: &str, directory: &Path) -> Result<Self, Error> {
        let failed = |subject: &str| {
            let subject = format!("{cluster}'s {subject}");
            move |source| Error::Certificate { subject, source }
        };
        let (ca, issuer) = authority(cluster).map_err(failed("CA"))?;
        let (serving, serving_key) = serving(&issuer).map_err(failed("API server"))?;
        let (admin_certificate, admin_key) = admin(&issuer).map_err(failed("administrator"))?;
        let accounts = KeyPair::generate().map_err(failed("service accounts"))?;

        let files = Files {
            ca: directory.join("ca.crt"),
            serving_certificate: directory.join("serving.crt"),
            serving_key: directory.join("serving.key"),
            accounts_key: directory.join("sa.key"),
            accounts_public_key: directory.join("sa.pub"),
        };
        fs::create_dir_all(directory).map_err(|source| Error::File {
            act: "make",
            path: directory.to_owned(),
            source,
        })?;
        write_private(&files.ca, &ca)?;
        write_private(&files.serving_certificate, &serving)?;
        write_private(&files.serving_key, &serving_key)?;
        write_private(&files.accounts_key, &accounts.serialize_pem())?;
        write_private(&files.accounts_public_key, &accounts.public_key_pem())?;
        Ok(Self { ca, admin_certificate, admin_key, files })
    }
}

fn authority(cluster: &str) -> Result<(String, Issuer<'static, KeyPair>), rcgen::Error> {
    let mut ca = named(&format!("{cluster} CA"));
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate()?;
    let certificate = ca.self_signed(&key)?.pem();
    Ok((certificate, Issuer::new(ca, key)))
}

fn serving(issuer: &Issuer<'_, KeyPair>) -> Result<(String, String), rcgen::Error> {
    let mut certificate = named("kube-apiserver");
    certificate.subject_alt_names = vec![SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    signed(certificate, issuer)
}

fn admin(issuer: &Issuer<'_, KeyPair>) -> Result<(String, String), rcgen::Error> {
    let mut certificate = named("admin");
    // The group that RBAC lets do everything, whatever roles there are.
    certificate.distinguished_name.push(DnType::OrganizationName, "system:masters");
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    signed(certificate, issuer)
}

fn named(name: &str) -> CertificateParams {
    let mut certificate = CertificateParams::default();
    certificate.distinguished_name.push(DnType::CommonName, name);
    certificate
}

/// The certificate and its key.
fn signed(
    mut certificate: CertificateParams,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<(String, String), rcgen::Error> {
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    Ok((certificate.signed_by(&key, issuer)?.pem(), key.serialize_pem()))
}
