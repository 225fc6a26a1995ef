internal import CellGrid
package import ClusterModel

extension Dashboard {
  /// The cluster as plain text for scripts and pipes: without escape codes, nothing cut, and only
  /// ASCII on request. It ends with a newline.
  package static func plainText(
    of snapshot: ClusterSnapshot, options: DashboardOptions
  ) -> String {
    var rows = Rows()
    let filter = Filter(text: options.filter, thresholds: options.thresholds)
    rows.rebuild(
      from: snapshot, filter: filter, sort: options.sort, facts: SortFacts(of: snapshot))
    var lines = plainHeader(of: snapshot, rows.totals) + [""]
    lines += plainTable(of: snapshot, rows) + [""]
    lines.append("Handshake list: \(Format.count(snapshot.handshakeList.count, "server"))")
    lines += plainList(of: snapshot)
    if !rows.excluded.isEmpty { lines += ["", "Not in the list:"] }
    for id in rows.excluded {
      let reason = snapshot[id]?.exclusionText() ?? ""
      lines.append("     \(id.text.padding(to: rows.measures.id))  \(reason)")
    }
    return lines.map { options.isASCII ? $0.inASCII : $0 }.joined(separator: "\n") + "\n"
  }

  private static func plainHeader(of snapshot: ClusterSnapshot, _ totals: Totals) -> [String] {
    let registry = snapshot.balancer.registry
    return [
      "\(PlainText.cleaned(snapshot.cluster)) via \(snapshot.balancer.id)  "
        + "\(Format.moment(snapshot.at)) UTC  registry \(PlainText.cleaned(registry.kind)) "
        + "\(registry.state.rawValue)  \(snapshot.license.text(short: totals.unlicensed))",
      "\(totals.clients.text("clients", isBrief: false))  "
        + (totals.batch.all > 0 ? totals.batch.text("batch", isBrief: false) + "  " : "")
        + "sessions \(Format.grouped(totals.connected))"
        + (totals.lost > 0 ? " (+\(Format.grouped(totals.lost)) lost)  " : "  ")
        + "in list \(totals.listText()) "
        + "(\(Format.percent(totals.workload)))  "
        + "handshakes \(Format.grouped(snapshot.handshakes.total)), "
        + "\(Format.rate(snapshot.handshakes.perSecond))/s",
    ]
  }

  /// The columns that are useful without a screen, each as wide as its widest text.
  private static func plainTable(of snapshot: ClusterSnapshot, _ rows: Rows) -> [String] {
    let columns = Column.all.filter { column in
      column.name != .trend && column.width(rows.measures) > 0
    }
    var table = [columns.map(\.title)]
    for id in rows.ids {
      guard let instance = snapshot[id] else { continue }
      let context = RowContext(
        instance: instance, measures: rows.measures, now: snapshot.at, trend: [],
        drain: instance.drain.map {
          DrainProgress($0, left: instance.load.connected, at: snapshot.at, earlier: nil)
        },
        handshakes: snapshot.handshakesPerSecond(of: id))
      table.append(
        columns.map { column in
          column.name == .load && instance.isLoadKnown && !instance.role.isLoadBalancer
            ? Format.percent(instance.load.workload)
            : column.text(context, column.name == .load ? 6 : column.widest(rows.measures)).text
        })
    }
    let widths = columns.indices.map { index in table.map { $0[index].columns }.max() ?? 0 }
    return table.map { fields in
      let padded = columns.indices.map { index in
        let blanks = String(repeating: " ", count: widths[index] - fields[index].columns)
        let isRight = columns[index].alignment == .right || columns[index].name == .load
        return isRight ? blanks + fields[index] : fields[index] + blanks
      }
      return padded.joined(separator: "  ").trimmedRight
    }
  }

  private static func plainList(of snapshot: ClusterSnapshot) -> [String] {
    let width = snapshot.handshakeList.map(\.text.columns).max() ?? 0
    return snapshot.handshakeList.enumerated().map { place, id in
      let load = snapshot[id]?.load
      let reserved = load.map(\.reserved) ?? 0
      return Format.padded("\(place + 1)", to: 4) + " \(id.text.padding(to: width))"
        + Format.padded(Format.percent(load?.workload), to: 7)
        + (reserved > 0 ? "  +\(reserved) reserved" : "")
    }
  }
}

extension String {
  fileprivate var trimmedRight: String {
    var text = self[...]
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }

  /// The text in ASCII, with the replacements of the grid.
  fileprivate var inASCII: String {
    var grid = Grid(size: Size(columns: columns, rows: 1))
    grid.put(self, row: 0, column: 0)
    grid.reduceToASCII()
    return grid.description
  }
}
