internal import Glibc
internal import ProgramSupport

/// The program that started this daemon as a service, such as systemd.
enum ServiceManager {
  /// Reports to it that the daemon serves, so that `systemctl start` returns at this moment
  /// (sd_notify(3)). Without a manager that listens, nothing happens.
  static func tellReady() {
    guard let name = Surroundings.variables["NOTIFY_SOCKET"] else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    // The name of an abstract socket begins with a zero byte; its length ends it.
    let isAbstract = bytes[0] == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 } else { bytes.append(0) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let start = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0
    let length = socklen_t(start + bytes.count)

    let kind = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let message = Array("READY=1".utf8)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, message, message.count, CInt(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
