internal import ClusterAPI

/// The events that an instance writes, as bytes. No value of these types fails to encode; if one
/// did, the reader would get a heartbeat.
extension SessionOpened {
  var event: [UInt8] { eventBytes(SessionEventName.open, self) }
}

extension SessionNotice {
  var event: [UInt8] { eventBytes(SessionEventName.notice, self) }
}

extension SessionEnded {
  var event: [UInt8] { eventBytes(SessionEventName.end, self) }
}

extension LoadHello {
  var event: [UInt8] { eventBytes(LoadEventName.hello, self) }
}

extension DesiredAnswer {
  var event: [UInt8] { eventBytes(LoadEventName.obeys, self) }
}

extension LoadReport {
  var event: [UInt8] { eventBytes(LoadEventName.load, self) }
}

private func eventBytes(_ name: String, _ value: some Encodable) -> [UInt8] {
  guard let json = try? WireJSON.encode(value) else { return ServerSentEvent.heartbeat }
  return ServerSentEvent(name: name, data: String(decoding: json, as: UTF8.self)).bytes
}
