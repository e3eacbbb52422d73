"""Figures of drain3, as a peer of `cargo run --release -p issue-grouping --example corpus`.

    pip install drain3==0.9.11
    python3 bench/drain3_corpus.py FOLDER > drain3.csv

FOLDER holds `*_structured.csv` files with the columns Content and EventId. A line counts to the cluster it was given
when it arrived; clusters of drain3 are never merged. Masks are those of its own example configuration, parameters its
defaults.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

MASKS = [
    (r"((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)", "ID"),
    (r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    (r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
]


def main(folder):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["system", "f1", "ga"])
    figures = []
    for path in sorted(Path(folder).glob("*_structured.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        miner = TemplateMiner(config=configuration())
        clusters = [miner.add_log_message(row["Content"])["cluster_id"] for row in rows]
        figures.append(score([row["EventId"] for row in rows], clusters))
        writer.writerow([path.name.split("_")[0], *(f"{figure:.4f}" for figure in figures[-1])])
    averages = (sum(column) / len(figures) for column in zip(*figures))
    writer.writerow(["average", *(f"{average:.4f}" for average in averages)])


def configuration():
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in MASKS]
    return config


def score(truth, groups):
    """Pairwise F1 and grouping accuracy."""
    by_template, by_group, by_both = Counter(truth), Counter(groups), Counter(zip(truth, groups))

    def pairs(counts):
        return sum(count * (count - 1) // 2 for count in counts.values())

    f1 = 2 * pairs(by_both) / (pairs(by_template) + pairs(by_group))
    exact = sum(n for (t, g), n in by_both.items() if by_template[t] == n == by_group[g])
    return f1, exact / len(truth)


if __name__ == "__main__":
    main(sys.argv[1])
