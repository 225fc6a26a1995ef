internal import ProgramSupport

typealias Failure = ProgramFailure

/// What aostop prints where it has no screen.
let console = Console(program: "aostop")
