#!/usr/bin/env python3
"""Re-check the obligations of a probity dossier with a solver that is not ours.

usage: recheck.py [--solver PROGRAM] DOSSIER

For each obligation that a certificate of the dossier names, this program

  1. unfolds its AIGER text (.aag.zst) and rebuilds the CNF by the rules below,
  2. compares it, byte for byte, with the CNF emitted (.cnf.zst), and its SHA-256 with the
     digest in the certificate,
  3. gives it to a SAT solver and expects `unsatisfiable`.

It needs Python 3, the program `zstd`, and `cadical` or `minisat`. None of it is probity's code.

Rules of the encoding. AIGER variable i (literals 2i and 2i+1) is CNF variable i. Each AND line
`2v a b`, in the order of the file, which is ascending, gives the clauses (-v a) (-v b) (v -a -b).
Last comes the unit clause of the output. An output that is constant false gives one empty clause
and no variables; constant true gives no clause at all. DIMACS: the header, then one clause a line.

What it cannot see: whether the obligations are the right ones. That is the kernel's part, which
probity-verify re-derives from netlist and contract.

exit code: 0 all unsatisfiable; 1 something differs or is satisfiable; 2 cannot be read or run.
"""

import argparse
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MOST_BYTES = 16 << 30  # of one unfolded file
SOLVERS = ("cadical", "minisat")


class Unreadable(Exception):
    """The dossier or a tool is not usable: exit code 2."""


class Wrong(Exception):
    """A re-check failed: exit code 1."""


def printable(text):
    """Names come from the dossier: nothing in them may steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def unfold(path):
    """The bytes of a zstd file, at most MOST_BYTES of them."""
    if path.is_symlink() or not path.is_file():
        raise Wrong(f"{path.name} is missing")
    process = subprocess.Popen(["zstd", "-dcq", "--", str(path)], stdout=subprocess.PIPE)
    data = process.stdout.read(MOST_BYTES + 1)
    process.stdout.close()
    if len(data) > MOST_BYTES:
        process.kill()
        process.wait()
        raise Unreadable(f"{path.name} unfolds to more than {MOST_BYTES} bytes")
    if process.wait() != 0:
        raise Wrong(f"{path.name} cannot be unfolded")
    return data


def numbers(line, count, path):
    """The `count` numbers of a line."""
    words = line.split(" ")
    if len(words) != count or not all(re.fullmatch(r"0|[1-9][0-9]{0,9}", w) for w in words):
        raise Wrong(f"{path}: `{line[:60]}` is not a line of {count} numbers")
    return [int(w) for w in words]


def rebuild(aag, path):
    """DIMACS text of the combinational AIGER text `aag`."""
    try:
        lines = aag.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Wrong(f"{path}: is not ASCII") from None
    if not lines[0].startswith("aag "):
        raise Wrong(f"{path}: is not AIGER in ASCII")
    variables, inputs, latches, outputs, ands = numbers(lines[0][4:], 5, path)
    if latches or outputs != 1 or variables != inputs + ands:
        raise Wrong(f"{path}: is not combinational with one output and every variable used")
    if len(lines) < 2 + inputs + 1 + ands:
        raise Wrong(f"{path}: ends too early")
    defined = {0}
    for line in lines[1 : 1 + inputs]:
        (literal,) = numbers(line, 1, path)
        if literal % 2 or not 0 < literal // 2 <= variables or literal // 2 in defined:
            raise Wrong(f"{path}: `{line}` is not a new input")
        defined.add(literal // 2)
    (output,) = numbers(lines[1 + inputs], 1, path)
    if output == 0 and variables == 0:
        return b"p cnf 0 1\n0\n"
    if output == 1 and variables == 0:
        return b"p cnf 0 0\n"

    def dimacs(literal):
        variable = literal // 2
        if variable == 0 or variable not in defined:
            raise Wrong(f"{path}: literal {literal} is not defined before its use")
        return -variable if literal % 2 else variable

    text = [f"p cnf {variables} {3 * ands + 1}\n"]
    before = 0
    for line in lines[2 + inputs : 2 + inputs + ands]:
        left, a, b = numbers(line, 3, path)
        v = left // 2
        if left % 2 or v in defined or not before < v <= variables:
            raise Wrong(f"{path}: `{line}` is not a new AND in ascending order")
        a, b = dimacs(a), dimacs(b)
        text.append(f"-{v} {a} 0\n-{v} {b} 0\n{v} {-a} {-b} 0\n")
        defined.add(v)
        before = v
    text.append(f"{dimacs(output)} 0\n")
    return "".join(text).encode("ascii")


def solve(solver, cnf):
    """Whether `solver` says that `cnf` is unsatisfiable; 10 and 20 are the usual exit codes."""
    if cnf == b"p cnf 0 1\n0\n":
        return True  # the empty clause: nothing to solve
    with tempfile.NamedTemporaryFile(suffix=".cnf") as file:
        file.write(cnf)
        file.flush()
        quiet = ["-q"] if "cadical" in pathlib.Path(solver).name else ["-verb=0"]
        done = subprocess.run([solver, *quiet, file.name], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (10, 20):
        raise Unreadable(f"{solver} ended with code {done.returncode} and no answer")
    return done.returncode == 20


def obligations(dossier):
    """Name and CNF digest of each obligation of each certificate."""
    found = []
    for path in sorted((dossier / "certificates").glob("*.json")):
        try:
            certificate = json.loads(path.read_bytes())
            about = f"{certificate['check']} {certificate['item']}"
            for entry in certificate["obligations"]:
                kind, _, digest = entry["cnf"].partition(":")
                if kind != "sha256" or not re.fullmatch(r"[0-9a-f]{64}", digest):
                    raise ValueError("a CNF digest is malformed")
                found.append((f"{about}: {entry['name']}", digest))
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise Unreadable(f"{path.name}: is not a certificate: {error}") from None
    return found


def recheck(dossier, digest, solver):
    """Raises Wrong unless the obligation is what it says and unsatisfiable."""
    stem = dossier / "certificates" / "obligations" / digest
    aag, cnf = (stem.with_name(digest + end) for end in (".aag.zst", ".cnf.zst"))
    rebuilt, emitted = rebuild(unfold(aag), aag.name), unfold(cnf)
    if rebuilt != emitted:
        raise Wrong("the CNF emitted is not the encoding of the AIGER text")
    if hashlib.sha256(rebuilt).hexdigest() != digest:
        raise Wrong("the CNF is not the one the certificate names")
    if not solve(solver, rebuilt):
        raise Wrong("SATISFIABLE: the obligation does not hold")
    return rebuilt


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--solver", help="SAT solver with exit codes 10 and 20 (default: "
                        + " or ".join(SOLVERS) + ")")
    parser.add_argument("dossier", type=pathlib.Path)
    arguments = parser.parse_args()
    solver = arguments.solver or next(filter(shutil.which, SOLVERS), None)
    try:
        if not (arguments.dossier / "dossier.dsse.json").is_file():
            raise Unreadable(f"{arguments.dossier} is not a dossier")
        for tool in ("zstd", solver):
            if tool is None or not shutil.which(tool):
                raise Unreadable(f"needed and not found: {tool or ' or '.join(SOLVERS)}")
        todo, checked, failed = obligations(arguments.dossier), {}, 0
        for name, digest in todo:
            if digest not in checked:
                try:
                    header = recheck(arguments.dossier, digest, solver).partition(b"\n")[0]
                    checked[digest] = (True, f"unsatisfiable ({header.decode()[6:]})")
                except Wrong as error:
                    checked[digest] = (False, str(error))
            fine, text = checked[digest]
            failed += not fine
            print(printable(f"{'ok    ' if fine else 'FAILED'}  {name}: {text}"), flush=True)
    except (Unreadable, OSError) as error:
        print(printable(f"recheck.py: {error}"), file=sys.stderr)
        return 2
    if failed:
        print(f"NOT CONFIRMED: {failed} of {len(todo)} obligations")
        return 1
    if not todo:
        print("nothing to confirm: no certificate of this dossier has obligations")
        return 0
    print(f"confirmed: {len(todo)} obligations, {len(checked)} different, by {solver}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
