import Dashboard
import Recordings

/// A session's past that is told a feed, as the program tells it. (The tests of the programs have
/// a link to this file.)
final class FedPast {
  let past: SessionPast
  private var feed = FollowedFeed()

  init(_ past: SessionPast = SessionPast(folders: [])) { self.past = past }

  func record(_ event: Event, text: String? = nil, at now: Int64) -> String? {
    feed.follow(event, at: now).flatMap { past.record($0, text: text, at: now) }
  }
}
