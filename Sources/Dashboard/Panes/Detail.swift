internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Everything that is known about one instance, in words.
  func detailLines(of id: InstanceID, columns: Int) -> [StyledText] {
    guard let shown, let instance = shown[id] else {
      return [StyledText("\(id) is not in the cluster any more.", .colored(.red, isBold: true))]
    }
    let room = columns - DetailField.labelColumns
    var lines = stateFields(of: instance, shown).lines(columns)
    if !instance.role.isLoadBalancer {
      let (placeTitle, place) = placeLines(of: id, columns: room)
      lines += DetailField.lines(placeTitle, place.map { StyledText($0) })
      lines += loadFields(of: instance).lines(columns)
      let (title, chart) = loadChart(of: id, columns: room, rows: size.rows >= 20 ? 4 : 2)
      lines += DetailField.lines(title, chart)
    }
    lines += orderFields(of: instance, shown).lines(columns)
    let actions = timedActions(columns: columns, of: id).lines()
    lines += [StyledText(), StyledText("Events", .bold)]
    lines += actions.isEmpty ? [StyledText("no recent events")] : actions
    lines += [StyledText(), StyledText(sessionsTitle, .bold)] + sessionLines(columns: columns)
    return lines
  }

  private var sessionsTitle: String {
    let filter = PlainText.cleaned(view.sessionFilter)
    return filter.isEmpty ? "Sessions" : "Sessions with: \(filter)"
  }

  private func stateFields(
    of instance: InstanceStatus, _ shown: ClusterSnapshot
  ) -> [DetailField] {
    let unseen = picture.drains.unseen.contains(instance.id) ? " ● new" : ""
    return [
      DetailField("State", instance.stateText + unseen, instance.stateStyle),
      DetailField("Handshake list", listText(of: instance, shown)),
    ]
  }

  private func loadFields(of instance: InstanceStatus) -> [DetailField] {
    let load = instance.load
    return [
      DetailField(
        "Sessions",
        "\(Format.grouped(load.connected)) open"
          + (instance.isLoadKnown ? "" : " when it last answered")
          + [instance].withoutNotices
          + ", \(Format.grouped(load.maximum)) allowed"
          + (load.reserved > 0 ? ", \(Format.grouped(load.reserved)) reserved" : "")),
      DetailField(
        "Load",
        "\(Bar(load.workload).text(columns: 20)) \(Format.percent(load.workload))"
          + (load.workload == nil ? " (with a maximum of 0 it takes no clients)" : ""),
        options.thresholds.level(of: load.workload) == .warning
          ? .bold : options.thresholds.style(of: load.workload)),
    ]
  }

  private func orderFields(
    of instance: InstanceStatus, _ shown: ClusterSnapshot
  ) -> [DetailField] {
    if instance.role.isLoadBalancer { return plainFields(of: instance, shown) }
    var fields = [
      DetailField(
        "Maximum",
        instance.limit.map { "\(Format.grouped($0)), set by an operator" }
          ?? "\(Format.grouped(instance.load.maximum)), as configured on the instance"),
      DetailField(
        "Admission",
        "\(instance.admission.rawValue), since \(time(instance.admissionAt)), by "
          + instance.admissionByWords),
    ]
    if let reason = instance.admissionReason {
      fields.append(DetailField("Reason", PlainText.cleaned(reason)))
    }
    fields.append(
      instance.delivered
        ? DetailField("Delivered", "yes")
        : DetailField(
          "Delivered",
          "no, but the order is kept: \(instance.undelivered ?? "it has not received it yet")",
          .bold))
    return fields + drainFields(of: instance) + plainFields(of: instance, shown)
  }

  private func plainFields(
    of instance: InstanceStatus, _ shown: ClusterSnapshot
  ) -> [DetailField] {
    let seats = shown.license.seats.map { " of \(Format.grouped($0))" } ?? " (no limit)"
    return [
      DetailField(
        "Health",
        "\(instance.healthText), since \(time(instance.healthSince))"
          + (instance.healthReason.map { ": \(PlainText.cleaned($0))" } ?? ""))
    ] + applicationFields(of: instance) + [
      DetailField(
        "License",
        instance.licenseText(seats: rows.measures.seats)
          + (instance.license.seat == nil ? "" : seats)),
      DetailField("Role", roleWords(of: instance)),
      DetailField("Address", "\(instance.address)"),
      DetailField("Services at", instance.servicesAddress.map { "\($0), not balanced" } ?? "—"),
    ] + ownFields(of: instance) + [
      DetailField("Started", instance.startedAt.map(time) ?? "unknown")
    ] + (instance.owner.map { [DetailField("Owner", $0.words)] } ?? [])
  }

  private func applicationFields(of instance: InstanceStatus) -> [DetailField] {
    let slow = instance.slowStartUntil.map {
      [DetailField("Slow start", "its share of new clients rises until \(time($0))")]
    }
    guard let application = instance.application else { return slow ?? [] }
    return (slow ?? []) + [
      DetailField(
        "Application",
        "\(application.state.rawValue), since \(time(application.since))"
          + (application.reason.map { ": \(PlainText.cleaned($0))" } ?? ""),
        application.isDown ? .bold : .plain)
    ]
  }

  /// What the instance says about itself, as in the table.
  private func ownFields(of instance: InstanceStatus) -> [DetailField] {
    Column.all.compactMap { column -> DetailField? in
      guard let text = column.said?(instance) ?? column.unsaid else { return nil }
      let name = String(column.title.prefix(1)) + column.title.dropFirst().lowercased()
      return DetailField(name, PlainText.cleaned(text))
    }
  }

  private func drainFields(of instance: InstanceStatus) -> [DetailField] {
    guard let drain = instance.drain, let progress = picture.drainProgress(of: instance)
    else { return [] }
    var fields = [
      DetailField("Drain", progress.sentence),
      DetailField("Drain began", time(drain.startedAt)),
    ]
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
    if let why = instance.exclusionText() { return "not listed: \(why)" }
    guard let place = shown.handshakeList.firstIndex(of: instance.id) else { return "—" }
    return "rank \(Format.grouped(place + 1)) of \(Format.grouped(shown.handshakeList.count))"
  }

  private func roleWords(of instance: InstanceStatus) -> String {
    switch instance.role {
    case .known(.loadBalancer): "dedicated load balancer; takes no sessions"
    case .known(.server(.application)): "server for interactive clients"
    case .known(.server(.batch)): "server for batch"
    case .known(.server(.both)): "server for interactive clients and batch"
    case .unrecognized(let name, let services):
      ([name] + services).joined(separator: ", ") + " (not known to this aostop)"
    }
  }

  private func time(_ time: Timestamp) -> String {
    let age = Format.span(milliseconds: picture.clock.milliseconds(since: time))
    return "\(Format.moment(time)) UTC (\(age))"
  }
}

/// One fact of the details.
private struct DetailField {
  let label: String
  let text: String
  let style: Style

  init(_ label: String, _ text: String, _ style: Style = .plain) {
    self.label = label
    self.text = text
    self.style = style
  }

  static let labelColumns = 16

  func lines(columns: Int) -> [StyledText] {
    let room = columns - Self.labelColumns
    return Self.lines(label, StyledText.wrapped(text, columns: room, style: style))
  }

  /// Lines in their full width, with the label before the first.
  static func lines(_ label: String, _ lines: [StyledText]) -> [StyledText] {
    lines.enumerated().map { index, line in
      StyledText((index == 0 ? label : "").padding(to: labelColumns), .bold) + line
    }
  }
}

extension [DetailField] {
  fileprivate func lines(_ columns: Int) -> [StyledText] { flatMap { $0.lines(columns: columns) } }
}
