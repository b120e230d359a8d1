"""docs/models.md from the results of a run; the same results always give the same text."""

HEAD = """# The public models

What `make models` found: every model planned, proven on two workers (two `ezkl-worker` processes beside the
coordinator), verified with `ezkl-coord verify --model`, and its outputs compared with onnxruntime's.

- **error**: the largest |a - b| / max(1, |b|) over all outputs, a proven and b expected; at most 1e-3 is asked.
- **constraints**, **nonzeros** (of A, B and C together): over all chunks.
- **proof bytes**: of the Varuna proofs; what else a document holds are commitments, links and keys.
- **wall s**: from submission to the verified document, planning and fresh keys included.
- **CPU s**, of workers and coordinator together: *set-up* (reading, calibrating and cutting the model, development
  parameters), *keys* (made by workers, checked by the coordinator), *proof* (evaluating the model, compiling its
  circuits, proving, adding up, verifying twice), and how much of the last the worker processes used. Where a model
  takes several proofs, keys of the later ones are made beside the first and count as proof.
- **peak MiB**: resident memory of the larger worker.
"""

# What plans.py writes below the rest, and keeps until it is run again.
COMPARISON = "## Plans before and after"

COLUMNS = [
    "model", "error", "constraints", "nonzeros", "chunks", "circuits", "proofs", "proof bytes", "wall s",
    "CPU s: set-up", "keys", "proof", "by workers", "peak MiB",
]  # fmt: skip


def figures(result):
    """A result's cells as numbers, in the order of the columns after the name."""
    cpu = {phase: sum(seconds.values()) for phase, seconds in result["cpu"].items()}
    return [
        result["error"],
        result["constraints"],
        result["nonzeros"],
        result["chunks"],
        result["circuits"],
        result["groups"],
        result["proof_bytes"],
        result["seconds"],
        cpu["setup"],
        cpu["index"],
        cpu["proving"],
        result["cpu"]["proving"]["workers"],
        max(result["worker_peaks"]) / 2**20,
    ]


def row(name, numbers):
    forms = ["{:.1e}", *["{:,}"] * 6, *["{:.1f}"] * 5, "{:.0f}"]
    return table_line([name, *(form.format(number) for form, number in zip(forms, numbers))])


def table_line(cells):
    return "| " + " | ".join(cells) + " |"


def total(proven):
    """Sums over all models; of error and peak the largest."""
    columns = list(zip(*map(figures, proven)))
    return [max(columns[0]), *map(sum, columns[1:-1]), max(columns[-1])]


def unproven(result):
    text = f"- `{result['name']}`: {result['reason']}."
    if "predicted_cpu" in result:
        text += (
            f" Planned: {result['constraints']:,} constraints and {result['nonzeros']:,} nonzeros"
            f" in {result['chunks']} chunks of {result['circuits']} circuits, {result['groups']} proofs; predicted"
            f" {result['predicted_cpu']['index']:.0f} CPU seconds for keys and"
            f" {result['predicted_cpu']['proving']:.0f} for the proof."
        )
    return text


def predictions(proven):
    """How well CPU seconds were predicted: the models within a quarter, and the others with predicted over measured."""
    lines = []
    for phase, name in (("index", "keys"), ("proving", "proof")):
        ratios = {result["name"]: predicted_over_measured(result, phase) for result in proven}
        apart = [f"{name} {ratio:.2f}" for name, ratio in ratios.items() if abs(ratio - 1) > 0.25]
        others = f"; {', '.join(apart)}" if apart else ""
        lines.append(f"- {name}: within 25 % for {len(ratios) - len(apart)} of {len(ratios)}{others}.")
    return lines


def predicted_over_measured(result, phase):
    """Of keys and proof together where they overlap."""
    phases = [phase] if result["groups"] == 1 else ["index", "proving"]
    predicted = sum(result["predicted_cpu"][phase] for phase in phases)
    return predicted / sum(sum(result["cpu"][phase].values()) for phase in phases)


def text(results):
    ordered = sorted(results.values(), key=lambda result: result["name"])
    proven = [result for result in ordered if result["status"] == "proven"]
    runs = sorted({(result["commit"], result["machine"]) for result in proven})
    parts = [HEAD]
    parts += ["Measured at " + "; ".join(f"commit {commit} on {machine}" for commit, machine in runs) + ".\n"]
    parts += [table_line(COLUMNS), table_line(["---"] + ["---:"] * (len(COLUMNS) - 1))]
    parts += [row(result["name"], figures(result)) for result in proven]
    if proven:
        parts += [row(f"**all {len(proven)}**", total(proven))]
    parts += [""]
    if proven:
        parts += ["CPU seconds that `ezkl-coord plan` predicts over those measured:", "", *predictions(proven), ""]
    notes = [f"- `{result['name']}`: {result['note']}." for result in proven if result["note"]]
    if notes:
        parts += ["Notes:", "", *notes, ""]
    others = [result for result in ordered if result["status"] != "proven"]
    if others:
        parts += ["## Not proven", "", *map(unproven, others), ""]
    return "\n".join(parts)


def comparison(page):
    """The comparison that a page ends with; nothing where it has none."""
    _, found, rest = page.read_text().partition("\n" + COMPARISON) if page.exists() else ("", "", "")
    return found + rest
