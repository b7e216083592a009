#!/usr/bin/env python3
"""Times the offline functions of the vendor's Python verifier (PyPI: nv-local-gpu-verifier) that run without a GPU.

Usage: attestation-peer.py REPORT.txt CHAIN.txt MANIFEST.xml   (a manifest whose signer is valid today)
Processor time for each step; its revocation check is left out, it needs the vendor's service.
The verifier opens a log in the working directory when it is imported, so it runs in a temporary one.
"""
import contextlib
import hashlib
import sys
import tempfile
import time

ROUNDS = 20


def timed(what, work):
    work()
    start = time.process_time()
    for _ in range(ROUNDS):
        result = work()
    print(f"{what:40} {(time.process_time() - start) / ROUNDS * 1000:8.2f} ms  -> {result}")


def main():
    report, pem, text = (open(path).read() for path in sys.argv[1:4])
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        time_verifier(bytes.fromhex(report.strip()), pem, text)


def time_verifier(report, pem, text):
    from OpenSSL import crypto
    from verifier.attestation import AttestationReport
    from verifier.cc_admin_utils import CcAdminUtils
    from verifier.config import BaseSettings, HopperSettings
    from verifier.rim import RIM

    blocks = [b + "-----END CERTIFICATE-----\n" for b in pem.split("-----END CERTIFICATE-----") if "BEGIN" in b]
    settings = HopperSettings()
    load = lambda: [crypto.load_certificate(crypto.FILETYPE_PEM, b) for b in blocks]
    chain = load()
    timed("parse report", lambda: bool(AttestationReport(report, settings)))
    parsed = AttestationReport(report, settings)
    timed("report signature", lambda: parsed.verify_signature(chain[0].to_cryptography(), 96, hashlib.sha384))
    mode = BaseSettings.Certificate_Chain_Verification_Mode.GPU_ATTESTATION
    timed("device chain", lambda: CcAdminUtils.verify_certificate_chain(load(), settings, mode)[0])
    timed("parse manifest", lambda: bool(RIM("driver", settings, content=text)))

    def signature():
        return RIM("driver", settings, content=text).verify_signature(settings)

    timed("parse manifest and verify its signature", signature)


main()
