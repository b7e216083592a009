#!/usr/bin/env python3
"""Fetches the real cores from PyPI, by package name, and unpacks them.

Usage: fetch.py DIR [--version PACKAGE==VERSION ...]

Runs `pip download --no-deps` once per package into DIR/wheels, unpacks into DIR/sources and prints the
SHA-256 of each wheel. Nothing is installed and nothing below this directory of the repository is written.
The versions are those the figures of docs/real-designs.md were measured with.
"""
import hashlib
import os
import subprocess
import sys
import zipfile

PACKAGES = {
    "pythondata-cpu-cv32e40p": "1.0.1.post1909",
    "pythondata-cpu-marocchino": "0.0.post209",
    "pythondata-cpu-picorv32": "1.0.post218",
    "pythondata-cpu-serv": "1.2.0.post146",
    "pythondata-cpu-vexriscv": "1.0.1.post407",
}


def fetch(package, version, root):
    wheels = os.path.join(root, "wheels")
    stem = f"{package.replace('-', '_')}-{version}-"
    have = [f for f in os.listdir(wheels) if f.startswith(stem)] if os.path.isdir(wheels) else []
    if not have:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                        "--no-deps", "-d", wheels, f"{package}=={version}"], check=True)
        have = [f for f in os.listdir(wheels) if f.startswith(stem)]
    path = os.path.join(wheels, have[0])
    with open(path, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    with zipfile.ZipFile(path) as z:
        z.extractall(os.path.join(root, "sources"))
    print(f"{package} {version} sha256:{digest}")


def main():
    args = sys.argv[1:]
    if not args or args[0].startswith("-"):
        sys.exit(__doc__)
    versions = dict(PACKAGES)
    for choice in args[2:]:
        package, _, version = choice.partition("==")
        if package not in versions or not version:
            sys.exit(f"not PACKAGE==VERSION of {', '.join(versions)}: {choice}")
        versions[package] = version
    for package, version in versions.items():
        fetch(package, version, args[0])


if __name__ == "__main__":
    main()
