"""Circuits for a template: as many public inputs as its transitions have, and their values."""
import iden3
import prover
import snarkvm
from iden3 import Shape


class Case:
    """Circuits of given shapes, proven for a template.

    `batch`: instances of each circuit that the root calls; None: the root is the only circuit. `shapes`: one per
    circuit, the root's last, as (constraints, wires, terms per row of A, B and C).
    """

    def __init__(self, name, batch, shapes, inputs=0, outputs=0, version=3, workers=prover.WORKERS, local=False):
        self.name, self.batch, self.shapes = name, batch, shapes
        self.inputs, self.outputs = inputs, outputs
        self.version, self.workers, self.local = version, workers, local

    def template(self, **changes):
        return snarkvm.Template(self.batch, self.inputs, self.outputs, **changes)

    def job(self, template, arrange=list):
        """The files to prove; `arrange` may reorder the public inputs of a circuit's instances."""
        circuits = []
        for place, (program, shape) in enumerate(zip(template.x, self.shapes)):
            x = template.x[program]
            constraints, wires, terms = shape
            circuit, solve = iden3.random_circuit(
                Shape(len(x[0]) - 1, constraints, wires, terms), "%s %d" % (self.name, place))
            circuits.append((circuit, [solve(values[1:], salt) for salt, values in enumerate(arrange(x))]))
        return prover.Job(circuits)

    def prove(self, template, **options):
        job = self.job(template, **options)
        document = job.prove(self.version, self.workers, self.local)
        programs = list(template.x)
        return job, document, {programs[number]: key for number, key in document.keys().items()}


TINY = (1, 0, (1, 1, 0))                      # |R| = 2, |K| = 2: the smallest that has degree bounds
SMALL = (5, 20, (2, 1, 1))
DENSE_A = (60, 64, (9, 1, 2))                 # |K_A| much larger than |K_B|
DENSE_C = (60, 64, (1, 1, 12))
WIDE = (4, 3000, (3, 2, 1))                   # |C| much larger than |R|
TALL = (3000, 40, (1, 2, 1))                  # |R| much larger than |C|
LARGE = (1 << 14) - 1, 16_000, (1, 1, 1)      # |R| = |C| = 2^14, |K| = 2^15: all that the parameters allow

ACCEPTED = [
    Case("the smallest domains", None, [TINY]),
    Case("the smallest domains, V2", None, [TINY], version=2),
    Case("sixteen public inputs and the constant", None, [SMALL], inputs=5, outputs=4, workers=1),
    Case("a full row of public inputs", None, [DENSE_A], inputs=4, outputs=4),
    Case("dense C", None, [DENSE_C], inputs=1, outputs=1, version=2),
    Case("many more wires than constraints", None, [WIDE], inputs=2),
    Case("many more constraints than wires", None, [TALL], outputs=2),
    Case("the largest domains", None, [LARGE], workers=1),
    Case("one instance of each of two circuits", [1], [TINY, WIDE]),
    Case("two instances", [2], [DENSE_A, TINY], inputs=1, outputs=1),
    Case("eight instances", [8], [SMALL, TALL]),
    Case("eight instances at one worker", [8], [DENSE_C, SMALL], workers=1),
    Case("eight instances, V2", [8], [TALL, DENSE_A], version=2),
    Case("three circuits of unequal domains", [1, 2], [WIDE, TALL, TINY], inputs=1),
    Case("three circuits, fifteen instances", [8, 6], [SMALL, DENSE_A, DENSE_C], version=3),
    Case("three circuits, V2, at one worker", [3, 2], [TINY, SMALL, WIDE], version=2, workers=1),
    Case("a large circuit between small ones", [2, 1], [TINY, (8000, 8000, (2, 1, 1)), SMALL]),
    Case("a local cluster", [2], [SMALL, TINY], workers=2, local=True),
]
