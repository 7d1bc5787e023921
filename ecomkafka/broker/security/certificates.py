"""Certificates of a CA of our own: made here, in PEM, without keytool. Only who has the CA's key can make more."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ecomkafka.machine.private_files import write_private

VALID = timedelta(days=397)
"""Of a node's certificate: a school year and some weeks."""

_CA_VALID = timedelta(days=3_650)
_CLOCKS = timedelta(hours=1)
"""By which a student's clock may be behind."""


@dataclass(frozen=True)
class Authority:
    """The CA in a folder: `ca.pem` is for everybody, `ca-key.pem` for this user of the machine alone."""

    folder: Path

    @classmethod
    def beside(cls, certificate: str) -> "Authority | None":
        """The CA whose certificate that file is, if its key lies beside it, as it does where the broker runs."""
        authority = cls(Path(certificate).parent)
        return authority if certificate == str(authority.certificate) and authority.private_key.is_file() else None

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def private_key(self) -> Path:
        return self.folder / "ca-key.pem"

    def create(self) -> "Authority":
        """Make the CA, unless it is there."""
        if self.certificate.exists():
            return self
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"ecomkafka CA {os.urandom(4).hex()}")  # two of one name would be taken for each other
        usage = _usage(key_cert_sign=True, crl_sign=True)
        made = (
            _builder(name, name, key, datetime.now(UTC) + _CA_VALID)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        write_private(self.private_key, _key_pem(key))
        self.certificate.write_text(_pem(made), encoding="ascii")  # the last: it says that all is there
        return self

    def issue(self, name: str, hosts: Sequence[str], until: datetime | None = None) -> str:
        """A new key (PKCS #8, which Kafka needs) and its certificate, for a server or a client called `name`."""
        issuer = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        signer = serialization.load_pem_private_key(self.private_key.read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = (
            _builder(_name(name), issuer.subject, key, until or datetime.now(UTC) + VALID)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(both, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_host(h) for h in hosts]), critical=False)
        return _key_pem(key) + _pem(builder.sign(signer, hashes.SHA256()))


def valid_until(pem: str) -> datetime:
    """The end of the first certificate in the text."""
    return x509.load_pem_x509_certificates(pem.encode())[0].not_valid_after_utc


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - _CLOCKS)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
