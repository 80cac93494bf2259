"""common.py: what the parts of the benchmark that run commands share. Standard library only."""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

BUILD = os.environ["POLICYCTL_BUILD"]
POLICYCTL = os.path.join(BUILD, "policyctl")
OBJECT = os.path.join(BUILD, "policy.bpf.o")
RESULTS = os.environ["BENCH_OUTPUT"]
WORK = os.environ["BENCH_WORK"]
IFACE = "veth0"


def run(*command, **options):
    """Runs a command that has to succeed; returns its standard output."""
    command = [str(word) for word in command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"bench: {' '.join(command)[:300]}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def timed(*commands):
    """Runs commands, one after the other, and returns the milliseconds they took together."""
    total = 0.0
    for command in commands:
        command = [str(word) for word in command]
        with open(os.path.join(WORK, "output"), "w+b") as output:
            start = time.perf_counter()
            status = subprocess.Popen(command, stdout=output, stderr=output).wait()
            total += time.perf_counter() - start
            if status:
                output.seek(0)
                sys.exit(f"bench: {' '.join(command)}: status {status}\n{output.read().decode()}")
    return total * 1000


def write(name, text):
    """Writes a file in the working directory and returns its path."""
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def there(tools):
    """Whether these are installed; says so if not. Only the smoke run has to do without any."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    for tool in missing:
        print(f"bench: {tool} is missing: what needs it is left out", flush=True)
    return not missing


def quartiles(samples):
    if len(samples) == 1:
        return samples[0], samples[0], samples[0]
    q1, median, q3 = statistics.quantiles(samples, n=4, method="inclusive")
    return q1, median, q3


def record(kind, samples, **fields):
    """Appends a line to the results, and prints it."""
    q1, median, q3 = quartiles(samples)
    line = {"kind": kind, **fields, "median": round(median, 4), "q1": round(q1, 4),
            "q3": round(q3, 4), "samples": [round(sample, 4) for sample in samples]}
    with open(RESULTS, "a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")
    name = " ".join(str(value) for value in fields.values())
    print(f"{kind:9} {name:60} {median:12.2f} {q1:12.2f} {q3:12.2f}", flush=True)


def interleave(rounds, candidates, fewer=None):
    """Calls each candidate's function once a round; returns the samples by candidate.

    fewer: candidate → in how many rounds at most, for those that take very long.
    """
    samples = {key: [] for key in candidates}
    for done in range(rounds):
        for key, measure in candidates.items():
            if done < (fewer or {}).get(key, rounds):
                samples[key].append(measure())
    return samples
