#!/usr/bin/env python3
"""Copies into a corpus the few of the inputs found that run most code which nothing in it runs.

Reads the control file of libFuzzer's -set_cover_merge=1: the number of files, that of the corpus' own among them, their
paths, then a line "FT <index> <feature>..." for each.
"""

import argparse
import pathlib
import shutil


def read_control(path):
    """(paths, how many of them are the corpus' own, features by index)."""
    lines = path.read_text().splitlines()
    count, own = int(lines[0]), int(lines[1])
    features = {index: set() for index in range(count)}
    for line in lines[2 + count :]:
        words = line.split()
        if words[0] == "FT":
            features[int(words[1])].update(map(int, words[2:]))
    return [pathlib.Path(line) for line in lines[2 : 2 + count]], own, features


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("control", type=pathlib.Path)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--most", type=int, required=True, help="how many to add at most")
    arguments = parser.parse_args()
    paths, own, features = read_control(arguments.control)
    seen = set().union(*(features[index] for index in range(own)))
    left = set(range(own, len(paths)))
    for _ in range(arguments.most):
        best = max(left, key=lambda i: (len(features[i] - seen), -paths[i].stat().st_size), default=None)
        if best is None or not features[best] - seen:
            break
        seen |= features[best]
        left.remove(best)
        shutil.copy(paths[best], arguments.corpus)
        print(f"added {arguments.corpus / paths[best].name}")


if __name__ == "__main__":
    main()
