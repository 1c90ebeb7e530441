"""Names and values for the lists of facts on a page."""

from sweeper.job import COMMAND
from sweeper.reporting._headline import probes_done
from sweeper.results import Environment, InitialWeights, Job, Memory, Results
from sweeper.text import bytes_text, plural, rate_text, seconds_text

Facts = list[tuple[str, str]]


def key_facts(results: Results) -> Facts:
    """What was probed, in a few words, for the top of the page."""
    environment, job = results.environment, results.target.job
    facts = [*_counts(results), ("time", seconds_text(environment.seconds))]
    if job is None:
        return facts if results.memory is None else [*facts, *_tried_on(results.memory)]
    if job.model == COMMAND:
        return [*facts, ("trained by", "a command")]
    where = f" on {', '.join(environment.devices)}" if environment.devices else ""
    return [
        *facts,
        ("model", job.model),
        ("parameters", f"{job.parameters:,}"),
        ("loss", job.loss),
        ("backend", f"{environment.backend}{where}"),
    ]


def _counts(results: Results) -> Facts:
    done, planned = probes_done(results), results.environment.planned
    probes = ("probes", f"{done:,}" if done >= planned else f"{done:,} of {planned:,}")
    if results.memory is None:
        return [probes]
    trials = ("trials of batch sizes", f"{len(results.memory.trials)}")
    return [trials, probes] if planned else [trials]


def _tried_on(memory: Memory) -> Facts:
    return [
        ("model", memory.model),
        ("parameters", f"{memory.parameters:,}"),
        ("optimizer", memory.optimizer),
        ("backend", f"{memory.backend} on {memory.device}"),
    ]


def job_facts(job: Job, *, own_loop: bool) -> Facts:
    """What was found at the fit call or in a training loop of the script's own, or is known of a command."""
    if job.model == COMMAND:
        return _command_facts(job)
    optimizer = job.optimizer
    settings = ", ".join(f"{name}={value}" for name, value in optimizer.settings.items())
    rate = "unknown" if optimizer.learning_rate is None else rate_text(optimizer.learning_rate)
    available = job.train_samples_available
    of_all = f" of {available:,}" if available and available != job.train_samples else ""
    whole = " whole elements of the pipeline" if job.whole_elements else ""
    samples = f"{job.train_samples:,}{of_all}{whole}, {bytes_text(job.sample_bytes)} with the validation samples"
    return [
        ("training loop", job.fit_site) if own_loop else ("fit call", f"{job.fit_site} (number {job.fit_number})"),
        ("model", job.model),
        ("parameters", f"{job.parameters:,}, of which {job.trainable_parameters:,} train"),
        ("loss", job.loss),
        ("optimizer", f"{optimizer.name} at {rate}" + (f" ({settings})" if settings else "")),
        ("schedule", optimizer.schedule or "none"),
        (
            "batch size",
            f"{job.batch_size}" + (f"; fixed: {job.batch_size_fixed}" if job.batch_size_fixed else ""),
        ),
        ("seeds", seeds_text(job, own_loop=own_loop)),
        ("epochs", "unknown" if job.epochs is None else f"{job.epochs:,}"),
        *([] if own_loop else [("training samples", samples)]),
        ("validation samples", validation_text(job)),
        *([("rehearsal", job.rehearsal)] if job.rehearsal else []),
    ]


def _command_facts(job: Job) -> Facts:
    size = job.batch_size_fixed or "in the command"
    return [
        ("command", job.fit_site),
        ("loss", "as the program reports it, one step for each loss"),
        ("batch size", size),
        ("validation loss", validation_text(job)),
    ]


def seeds_text(job: Job, *, own_loop: bool = False) -> str:
    """What seeds differ in, as the rest of a sentence that begins with them."""
    weights = job.initial_weights or InitialWeights(drawn=0, constant=0, kept=0)
    before = "loaded, trained or set before"
    samples = "the batches that come next in the loop" if own_loop else "the order of the samples"
    if not weights.drawn:
        why = f", which were {before}" if weights.kept else ""
        return f"differ in {samples} and in random numbers, not in the initial weights{why}"
    parts = f"{weights.drawn:,} of {weights.drawn + weights.constant + weights.kept:,} parameters"
    others = f"{weights.kept:,} were {before}" if weights.kept else "the others begin at constants"
    rest = f"; {others}" if weights.kept or weights.constant else ""
    return f"differ in {samples}, in random numbers and in the initial values of {parts}{rest}"


def validation_text(job: Job) -> str:
    """How many validation samples there are and where they come from, or why there are none."""
    if job.model == COMMAND and job.val_samples:
        return "the program's own validation data"
    if not job.val_samples:
        return f"none: {job.val_source.removeprefix('none: ')}"
    return f"{plural(job.val_samples, 'sample')} from {job.val_source}"


def machine_facts(environment: Environment) -> Facts:
    """Where and with what the run was made."""
    return [
        ("run", environment.run),
        ("started", environment.created),
        ("took", seconds_text(environment.seconds)),
        *environment.machine.items(),
        *([("backend", environment.backend)] if environment.backend else []),
        *([("devices", ", ".join(environment.devices))] if environment.devices else []),
    ]
