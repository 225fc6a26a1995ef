import Foundation
import Testing

@testable import TerminalScreen

@Suite("The mailbox between tasks and the screen")
struct MailboxTests {
  @Test("what is posted wakes, and is taken once")
  func wakes() throws {
    let mailbox = try Mailbox([Int]())
    #expect(!isReadable(mailbox.descriptor))
    mailbox.post { $0.append(1) }
    mailbox.post { $0.append(2) }
    #expect(isReadable(mailbox.descriptor))
    #expect(takeAll(mailbox) == [1, 2])
    #expect(!isReadable(mailbox.descriptor))
    #expect(takeAll(mailbox) == [])
  }

  @Test("nothing is lost and no wake-up is left over, however many write")
  func manyWriters() async throws {
    let mailbox = try Mailbox([Int]())
    let posts = Task.detached {
      await withTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for number in 0..<500 { mailbox.post { $0.append(writer * 500 + number) } }
          }
        }
      }
    }
    var taken: [Int] = []
    while taken.count < 4_000 {
      // Sleeps forever if a wake-up is missing.
      var wanted = pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)
      poll(&wanted, 1, -1)
      taken += takeAll(mailbox)
    }
    await posts.value
    #expect(taken.sorted() == Array(0..<4_000))
    _ = takeAll(mailbox)
    #expect(!isReadable(mailbox.descriptor))
  }

  private func takeAll(_ mailbox: Mailbox<[Int]>) -> [Int] {
    mailbox.collect { contents in
      defer { contents = [] }
      return contents
    }
  }

  private func isReadable(_ descriptor: Int32) -> Bool {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, 0) == 1
  }
}
