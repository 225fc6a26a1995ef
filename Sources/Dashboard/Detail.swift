internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// All that is known of one instance, in words.
  func detailLines(of id: InstanceID, columns: Int) -> [StyledText] {
    guard let shown, let instance = shown[id] else {
      return [StyledText("\(id) is not in the cluster any more.", .colored(.red, isBold: true))]
    }
    return detailFields(of: instance, shown).flatMap { field in
      field.lines(columns: columns)
    }
  }

  private func detailFields(
    of instance: InstanceStatus, _ shown: ClusterSnapshot
  ) -> [DetailField] {
    let load = instance.load
    var fields = [
      DetailField("State", instance.stateText, instance.stateStyle),
      DetailField("Handshake list", listText(of: instance, shown)),
      DetailField(
        "Sessions",
        "\(load.connected) open, \(load.maximum) allowed"
          + (load.reserved > 0 ? ", \(load.reserved) reserved" : "")),
      DetailField(
        "Load",
        "\(Bar(load.workload).text(columns: 20)) \(Format.percent(load.workload))"
          + (load.workload == nil ? " (a maximum of 0 takes nobody)" : ""), instance.loadStyle),
      DetailField(
        "Last 5 minutes", Sparkline(history.shares(of: instance.id)).text(columns: 60),
        .colored(.cyan)),
      DetailField("Maximum", instance.limit.map { "\($0), set by an operator" } ?? "its own"),
      DetailField(
        "Admission",
        "\(instance.admission.rawValue), since \(time(instance.admissionAt)), by "
          + PlainText.cleaned(instance.admissionBy)),
    ]
    if let reason = instance.admissionReason {
      fields.append(DetailField("Reason", PlainText.cleaned(reason)))
    }
    fields.append(
      instance.delivered
        ? DetailField("Delivered", "yes: the instance obeys the newest wish")
        : DetailField(
          "Delivered", "no: the wish is kept, but the instance may still act on an older one",
          .colored(.yellow, isBold: true)))
    fields += drainFields(of: instance)
    fields += [
      DetailField(
        "Health",
        "\(instance.healthText), since \(time(instance.healthSince))"
          + (instance.healthReason.map { ": \(PlainText.cleaned($0))" } ?? "")),
      DetailField("License", instance.licenseText),
      DetailField("Role", roleWords(of: instance)),
      DetailField("Address", "\(instance.address)"),
      DetailField("Services at", instance.servicesAddress.map { "\($0), not balanced" } ?? "—"),
      DetailField("Version", PlainText.cleaned(instance.version ?? "not seen yet")),
      DetailField("Started", instance.startedAt.map(time) ?? "not seen yet"),
    ]
    return fields
  }

  private func drainFields(of instance: InstanceStatus) -> [DetailField] {
    guard let drain = instance.drain else { return [] }
    let left = instance.load.connected
    var text = "began \(time(drain.startedAt)) with \(Format.count(drain.startedWith, "session"))"
    text += ", \(left) left"
    let minutes = Double(clock.milliseconds(since: drain.startedAt)) / 60_000
    let gone = drain.startedWith - left
    if minutes > 0, gone > 0, left > 0 {
      text += ", \(Format.rate(Double(gone) / minutes)) leave a minute"
    }
    var fields = [DetailField("Drain", text)]
    if let message = drain.message {
      fields.append(DetailField("Message", PlainText.cleaned(message)))
    }
    if let seconds = drain.closeIdleAfterSeconds {
      let span = Format.span(milliseconds: Int64(seconds) * 1_000)
      fields.append(DetailField("Idle sessions", "ended after \(span)"))
    }
    if let deadline = drain.deadline {
      fields.append(DetailField("Deadline", "\(Format.moment(deadline)) UTC"))
    }
    if drain.untilRestart { fields.append(DetailField("Ends", "when the instance restarts")) }
    return fields
  }

  private func listText(of instance: InstanceStatus, _ shown: ClusterSnapshot) -> String {
    if let exclusion = instance.exclusion { return "left out: \(exclusion.sentence)" }
    guard let place = shown.handshakeList.firstIndex(of: instance.id) else { return "—" }
    return "rank \(place + 1) of \(shown.handshakeList.count)"
  }

  private func roleWords(of instance: InstanceStatus) -> String {
    switch instance.role {
    case .loadBalancer: "dedicated load balancer; takes no sessions"
    case .server(.application): "server for interactive clients"
    case .server(.batch): "server for batch"
    case .server(.both): "server for interactive clients and batch"
    }
  }

  private func time(_ time: Timestamp) -> String {
    "\(Format.moment(time)) UTC (\(Format.span(milliseconds: clock.milliseconds(since: time))))"
  }
}

/// One fact of the detail screen.
private struct DetailField {
  let label: String
  let text: String
  let style: Style

  init(_ label: String, _ text: String, _ style: Style = .plain) {
    self.label = label
    self.text = text
    self.style = style
  }

  private static let labelColumns = 16

  func lines(columns: Int) -> [StyledText] {
    let room = columns - Self.labelColumns
    var texts = StyledText.wrapped(text, columns: room, style: style)
    // A sparkline is no sentence: its blanks stand for times without a value.
    if label == "Last 5 minutes" { texts = [StyledText(text, style)] }
    return texts.enumerated().map { index, line in
      StyledText((index == 0 ? label : "").padding(to: Self.labelColumns), .bold) + line
    }
  }
}
