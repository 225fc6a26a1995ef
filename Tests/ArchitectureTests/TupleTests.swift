import Testing

/// A shape that this compiler gets wrong when it optimizes.
@Suite struct TupleTests {
  @Test("no tuple awaits one of its parts")
  func house() {
    let files = House.shared.swift.filter { file in
      file.target != "ArchitectureTests" && file.lines.contains { $0.contains("await") }
    }
    let places = files.flatMap { file in
      AwaitingTuples(in: file.lines.joined(separator: "\n")).lines.map { "\(file.path):\($0)" }
    }
    #expect(places == [])
  }

  @Test(
    "a tuple that awaits a part is found in every form",
    arguments: [
      "return (address, .success(try await connection.livez()))",
      "group.addTask { (name, await value()) }",
      "return (\n  address,\n  .success(\n    try await connection.livez()\n  )\n)",
      "return try await (address, .success(connection.livez()))",
      "return await (first, second)",
      "async let pair = (1, try await value())",
      "let pair: (Int, String?) = (number, try await text())",
      "[(\"a word, (\", try await value())]",
      "return (name, [1: await value()])",
      "return (name, \"\\(a), (b\", try await value())",
      "f((name, try await value()))",
      "return ((1, 2), try await value())",
      "return (#\"a \" ( raw text\"#, await value())  // a comment (",
    ])
  func found(code: String) {
    #expect(AwaitingTuples(in: code).lines == [1])
  }

  @Test(
    "what only looks like such a tuple is left alone",
    arguments: [
      "call(address, .success(try await connection.livez()))",
      "let value = try await connection.livez()\nreturn (address, .success(value))",
      "while let (address, answer) = await group.next() {}",
      "for await (name, value) in stream {}",
      "for try await (name, value) in stream {}",
      "(try await connection.livez()).id",
      "try await (signer ?? key).sign(document, at: time)",
      "let (a, b) = (1, { await value() })",
      "// return (a, await b)\n/* return (a, await b) */",
      "\"return (a, await b)\"",
      "\"\"\"\n  return (a, await b)\n  \"\"\"",
      "func first<T>(_ one: T, body: () async -> (Int, T)) async { await body() }",
      "Pair(name: name, value: try await value())",
    ])
  func leftAlone(code: String) {
    #expect(AwaitingTuples(in: code).lines == [])
  }
}
