"""The command line: arguments → settings → files → report → exit status."""

from __future__ import annotations

import errno
import os
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mllint import __version__

if TYPE_CHECKING:
    from mllint.diagnostic import Applicability, Diagnostic
    from mllint.lint import Job, Outcome
    from mllint.report import Lines
    from mllint.settings import Selection, Settings

STDIN = "-"
FOUND, FAILED = 1, 2
"""Exit statuses; 0 when nothing was found."""

PATIENCE = 1.0
"""Seconds before a run counts as long."""
INTERVAL = 0.1
"""Seconds between two reports of progress."""


class _Program(click.Group):
    """Keeps exit status 1 for findings: a crash, which Python reports as 1 too, is a run that could not be done."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:  # a full disk, say; where nobody listens any more, click ends quietly
            if error.errno == errno.EPIPE:
                raise
            _fail(str(error))
        except Exception:
            traceback.print_exc()
            _fail("this is a mistake in mllint, please report it")


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, message="mllint %(version)s")
def main() -> None:
    """Find mistakes in machine-learning training code without running it."""
    # Names of files and lines of source may hold what the terminal's encoding lacks.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--select", multiple=True, metavar="RULES", help="Check these rules only.")
@click.option("--extend-select", multiple=True, metavar="RULES", help="Check these rules, too.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Leave these rules out.")
@click.option(
    "--output-format",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    show_default=True,
    help="With source lines, evidence and fixes; one line a finding; or for programs.",
)
@click.option("--fix", "fixes", is_flag=True, help="Apply the safe fixes; then report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that change what is trained.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--stdin-filename", metavar="PATH", help="What to call the program that comes on standard input.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also when something was found.")
@click.option("--no-cache", is_flag=True, help="Check every file anew. (Nothing is cached yet.)")
def check(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    output_format: str,
    fixes: bool,
    unsafe_fixes: bool,
    diff: bool,
    stdin_filename: str | None,
    exit_zero: bool,
    no_cache: bool,
) -> NoReturn:
    """Lint files and folders (default: the current folder); `-` reads a program from standard input.

    RULES are codes (ML108), beginnings of codes (ML1), names (softmax-before-cross-entropy) or ALL, separated by commas.

    Every fix is tried before it is kept: the program parses, the finding is gone, and no new one has come. A program
    from standard input goes to standard output with its fixes, and the findings to standard error.

    Exit status: 0 nothing found (with --diff: nothing to change), 1 findings, 2 the run could not be done.
    """
    from mllint.lint import lint
    from mllint.stack import with_deep_stack

    start = time.perf_counter()
    if STDIN in paths and len(paths) > 1:
        _fail("`-` reads standard input and cannot be combined with other paths")
    if stdin_filename is not None and STDIN not in paths:
        _fail("--stdin-filename needs `-` as the path")
    if unsafe_fixes and not (fixes or diff):
        _fail("--unsafe-fixes needs --fix or --diff")
    jobs, used = _jobs(paths, stdin_filename, _selection(select, extend_select, ignore))
    if fixes or diff:
        _fix(jobs, used, unsafe_fixes, diff, output_format, exit_zero)
    outcomes = with_deep_stack(lambda: [lint(job) for job in _with_progress(jobs)])
    _report(jobs, used, outcomes, output_format, exit_zero, start)


def _report(
    jobs: list[Job],
    used: list[Settings],
    outcomes: list[Outcome],
    output_format: str,
    exit_zero: bool,
    start: float,
    apart: bool = False,
) -> NoReturn:
    """Print what was found, and end. ``apart``: on standard error, since a program goes to standard output."""
    from mllint.lint import gathered
    from mllint.report import Run, report, summary

    found = (*_unknown_in_settings(used), *gathered(outcomes))
    run = Run(found, len(jobs), time.perf_counter() - start)

    form = report(output_format)
    click.echo(form.render(found, _lines(jobs)), nl=False, err=apart)
    click.echo(summary(run), err=apart or form.SUMMARY_APART)
    if not jobs:
        click.echo("mllint: no Python files or notebooks under the given paths", err=True)
    crashes = [crash for outcome in outcomes for crash in outcome.crashes]
    for crash in crashes:
        click.echo(f"mllint: {crash}", err=True)
    if crashes:
        click.echo("mllint: this is a mistake in mllint, please report it; everything else was checked", err=True)
        sys.exit(FAILED)
    sys.exit(FOUND if found and not exit_zero else 0)


def _fix(
    jobs: list[Job], used: list[Settings], unsafe: bool, diff: bool, output_format: str, exit_zero: bool
) -> NoReturn:
    """Fix what can be fixed, or show it, and end."""
    from dataclasses import replace

    from mllint import files
    from mllint.document import write
    from mllint.fix import difference, fix
    from mllint.stack import with_deep_stack

    start = time.perf_counter()
    allowed: frozenset[Applicability] = frozenset({"safe", "unsafe"} if unsafe else {"safe"})
    results = with_deep_stack(lambda: [fix(job, allowed) for job in _with_progress(jobs)])
    for message in (message for result in results for message in result.dropped):
        click.echo(f"mllint: {message}", err=True)
    changed = [(job, result) for job, result in zip(jobs, results, strict=True) if result.data is not None]
    count = sum(result.applied.total() for _, result in changed)
    stdin = any(job.data is not None for job in jobs)
    if diff:
        for job, result in changed:
            click.echo("".join(f"{line}\n" for line in difference(job, result)), nl=False)
        click.echo(f"Would fix {count} {'finding' if count == 1 else 'findings'}.", err=True)
        sys.exit(FOUND if changed and not exit_zero else 0)
    failed = False
    for index, (job, result) in enumerate(zip(jobs, results, strict=True)):
        data = job.data if result.data is None else result.data
        if stdin:
            sys.stdout.buffer.write(data or b"")
        elif result.data is not None:
            try:
                write(Path(job.file), result.data)
            except OSError as error:
                click.echo(f"mllint: {job.filename}: cannot be written: {error.strerror or error}", err=True)
                failed = True
        if data is not None:
            path = Path(job.file or job.filename)
            jobs[index] = replace(job, data=data, read=partial(files.source, path, data))
    if count:
        click.echo(f"Fixed {count} {'finding' if count == 1 else 'findings'}.", err=True)
    if failed:
        sys.exit(FAILED)
    _report(jobs, used, [result.outcome for result in results], output_format, exit_zero, start, apart=stdin)


@main.command("rule")
@click.argument("code_or_name")
def show_rule(code_or_name: str) -> None:
    """Print a rule's page: what it finds, why it matters, wrong and right programs."""
    from mllint import book
    from mllint.settings import unknown_message

    try:
        page = book.page(code_or_name)
    except book.BookError as error:
        _fail(str(error))
    if page is None:
        _fail(unknown_message(code_or_name))
    click.echo(page.text.rstrip("\n"))


@main.command("rules")
def list_rules() -> None:
    """Print the table of the rules: code, name, severity and what each finds."""
    from mllint import book
    from mllint.rule import rules

    entries = list(rules().values())
    name = max(len(entry.name) for entry in entries)
    for entry in entries:
        try:
            page = book.page(entry.code)
        except book.BookError as error:
            _fail(str(error))
        about = ("" if entry.default else "(opt-in) ") + (page.summary if page else "")
        click.echo(f"{entry.code}  {entry.name:<{name}}  {entry.severity:<7}  {about}".rstrip())


@main.command("program")
@click.argument("file")
def show_program(file: str) -> None:
    """Print what is understood of the training program in FILE (`-`: standard input)."""
    from mllint import files
    from mllint.describe import describe
    from mllint.lint import understand
    from mllint.project import Project
    from mllint.reader import SyntaxProblem
    from mllint.settings import Loader, SettingsError, absolute
    from mllint.stack import with_deep_stack

    try:
        loader = Loader()
        settings = loader.of(Path.cwd() if file == STDIN else Path(file).parent)
        if file != STDIN and not Path(file).is_file():
            _fail(f"{file}: {'not a file' if Path(file).exists() else 'no such file'}")
        text = files.source(Path(file), sys.stdin.buffer.read() if file == STDIN else None).text
        path = "" if file == STDIN else str(absolute(Path(file)))
        project = Project(loader, {}) if path else None
        click.echo(with_deep_stack(lambda: describe(understand(text, settings.versions, path, project))).rstrip("\n"))
    except SettingsError as error:
        _fail(str(error))
    except files.Unreadable as problem:
        _fail(f"{file}:{problem.row}:{problem.column}: {problem.message}")
    except SyntaxProblem as problem:
        _fail(f"{file}:{problem.row}:{problem.column}: not valid Python: {problem.message}")


def _selection(select: Sequence[str], extend: Sequence[str], ignore: Sequence[str]) -> Selection:
    """The command line's selection of rules; ends the run when a selector names none."""
    from mllint.settings import Selection, names_a_rule, unknown_message

    def selectors(option: str, values: Sequence[str]) -> tuple[str, ...]:
        words = [word.strip() for value in values for word in value.split(",")]
        names = tuple(word.upper() if word[:2].upper() == "ML" else word for word in words if word)
        if values and not names and option == "--select":  # an unset variable of a shell script: it would check nothing
            _fail("--select: no rule is named")
        for name in names:
            if not names_a_rule(name):
                _fail(f"{option}: {unknown_message(name)}")
        return names

    return Selection(
        select=selectors("--select", select) if select else None,
        extend=selectors("--extend-select", extend),
        ignore=selectors("--ignore", ignore),
    )


def _jobs(paths: Sequence[str], stdin_filename: str | None, selection: Selection) -> tuple[list[Job], list[Settings]]:
    """What to lint, and all the settings that it is linted under."""
    from mllint import files
    from mllint.lint import Job
    from mllint.project import Project
    from mllint.settings import Loader, SettingsError, absolute

    loader = Loader(selection)
    try:
        if STDIN in paths:
            path = Path(stdin_filename or STDIN)
            settings = loader.of(path.parent)
            data = sys.stdin.buffer.read()
            read = partial(files.source, path, data)
            file = str(absolute(path)) if stdin_filename else ""
            project = Project(loader, {os.path.realpath(file): str(path)}) if file else None
            return [Job(str(path), read, settings.selected(path), settings.versions, file, project, data)], [settings]
        if "" in paths:  # an unset variable of a shell script, and not the current folder
            raise files.MissingPath("one of the paths is empty")
        targets = files.find(map(Path, paths or (".",)), loader.of)
    except (SettingsError, files.MissingPath) as error:
        _fail(str(error))
    project = Project(loader, {os.path.realpath(each.path): str(each.path) for each in targets})
    jobs = [
        Job(
            filename=str(each.path),
            read=partial(files.source, each.path),
            codes=each.settings.selected(each.path),
            versions=each.settings.versions,
            file=str(absolute(each.path)),
            project=project,
        )
        for each in targets
    ]
    return jobs, list({each.settings.file: each.settings for each in targets}.values())


def _unknown_in_settings(used: Iterable[Settings]) -> Iterator[Diagnostic]:
    """Selectors in configuration files that name no rule."""
    from mllint import files
    from mllint.lint import Job, own_finding
    from mllint.settings import unknown_message

    for settings in used:
        if settings.file is not None and settings.unknown:
            job = Job(str(settings.file), partial(files.source, settings.file), settings.selected(settings.file))
            for each in settings.unknown:
                yield from own_finding(job, "ML902", unknown_message(each.text), each.row, each.column, len(each.text))


def _lines(jobs: Iterable[Job]) -> Lines:
    """The lines of the linted files, and of files that findings name besides."""
    from mllint import files

    reads = {job.filename: job.read for job in jobs}

    @lru_cache(maxsize=8)
    def source(filename: str) -> files.Source:
        try:
            return reads.get(filename, partial(files.source, Path(filename)))()
        except files.Unreadable:
            return files.Source("")

    return lambda filename, cell: source(filename).lines(cell)


def _with_progress(jobs: Sequence[Job]) -> Iterator[Job]:
    """The jobs; on a terminal, a line on standard error tells how far a long run is."""
    if not _on_terminal():
        yield from jobs
        return
    start = shown = time.monotonic()
    for done, job in enumerate(jobs):
        now = time.monotonic()
        if now - start > PATIENCE and now - shown > INTERVAL:
            shown = now
            click.echo(f"\r\x1b[2Kmllint: {done} of {len(jobs)} files", nl=False, err=True)
        yield job
    if shown != start:
        click.echo("\r\x1b[2K", nl=False, err=True)


def _on_terminal() -> bool:
    return sys.stderr.isatty()


def _fail(message: str) -> NoReturn:
    click.echo(f"mllint: {message}", err=True)
    sys.exit(FAILED)
