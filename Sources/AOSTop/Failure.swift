internal import ProgramSupport

typealias Failure = ProgramFailure

/// Where aostop prints when it has no screen.
let console = Console(program: "aostop")
