/// The limits of everything that comes from outside the program: one table.
///
/// Each value is checked where it enters. A text is limited in characters, as people count them,
/// and in bytes as well, since one character can carry any number of combining marks.
public enum Limits {
  // MARK: Texts, in characters

  /// A name of a user, a computer, a cluster or an epoch.
  public static let nameCharacters = 128
  /// A reason or a message of an operator.
  public static let sentenceCharacters = 500
  /// A name of an access token.
  public static let tokenNameCharacters = 64
  /// A version of a program.
  public static let versionCharacters = 64
  /// What an instance says, where the balancer repeats it in a row, a problem or the log.
  public static let quotedCharacters = 200
  /// A name of an enumeration, of a field or of a header, where this release does not know it.
  public static let unknownNameCharacters = 64
  /// The detail of a problem document that is read.
  public static let problemCharacters = 1_000
  /// Most bytes of a text for each character that it may have: UTF-8 needs no more for one scalar.
  public static let bytesPerCharacter = 4

  // MARK: Texts, in bytes

  /// An id of an instance.
  public static let instanceIDBytes = 64
  /// A host: the longest name of the DNS (RFC 1035, section 2.3.4, less the length bytes).
  public static let hostBytes = 253
  /// A ticket of a handshake; those of a balancer are about a quarter as long.
  public static let ticketBytes = 128
  /// What the tickets of one balancer's process begin with.
  public static let ticketMarkBytes = 32
  /// A signed document (JWT).
  public static let documentBytes = 16 << 10
  /// A digest of a desired state: its kind, a colon and 16 hexadecimal digits, and room.
  public static let digestBytes = 64

  // MARK: Numbers

  /// The highest maximum of an instance (`MaxConcurrentSessions` of Dynamics AX 2012), and the
  /// most sessions that an instance can have: no maximum was ever higher.
  public static let sessions = 65_535
  /// Seats of a license or of the cluster's own setting.
  public static let seats = 1_000_000
  /// Any other count: no sum and no product of two such counts overflows.
  public static let count = 1_000_000_000
  /// A revision: the highest whole number that every reader of JSON keeps exactly (RFC 8259,
  /// section 6).
  public static let revision: Int64 = (1 << 53) - 1

  // MARK: Members

  /// Instances of one cluster: what one balancer is measured with, and what a dashboard still
  /// shows smoothly. Balancers do not count.
  public static let members = 10_000
  /// Ids that an access token may own, where nobody said another number: a host runs a handful of
  /// instances, and one lost token cannot take the cluster.
  public static let tokenInstances = 64

  // MARK: Counts in one body

  /// Tickets in one event of a load feed.
  public static let ticketsPerEvent = 512

  /// Steps of the signing key that a registry keeps, and that an instance takes at once. An
  /// instance that was away for more must be given the key again.
  public static let keySteps = 256

  /// Warnings in one answer that are read; there are four.
  public static let warnings = 16
  /// Services of an instance; there are two.
  public static let services = 16

  // MARK: JSON of operators' requests

  /// Objects and lists in one another.
  public static let jsonDepth = 32
  /// Characters of one number.
  public static let jsonNumberCharacters = 64

  // MARK: One connection, in bytes

  /// One read of its socket, hence what a connection holds whose answers nobody reads.
  public static let readBytes = 8 << 10
  /// Further requests that wait while one is answered. More than one read only comes where the
  /// peer closes its side: then all that the kernel has is read at once.
  public static let waitingBytes = 64 << 10
  /// The same where a route is reading a body: the longest one, as much again, and a head.
  public static let waitingBodyBytes = 2 << 20
  /// What a request may send besides its body and as much again: empty lines in front of it, a head
  /// of 16 KiB at most, chunks' sizes and extensions, trailers. With the second part, chunks of a
  /// program that writes single words are let in.
  public static let aroundBodyBytes = 64 << 10
  /// What a connection may send behind an answer that ends it, or of a body that nobody reads: many
  /// clients write all before they read.
  public static let thrownAwayBytes = 16 << 20

  // MARK: Bodies, in bytes

  /// The steps of the signing key: `keySteps` of about 400 bytes each, and room.
  public static let keyStepsBytes = 256 << 10

  /// The signed list of a cluster's servers: about 7,000 of them with names of usual length.
  public static let serversBytes = 1 << 20

  /// One event of a load feed: the longest honest one has `ticketsPerEvent` tickets of
  /// `ticketBytes`, and JSON around them.
  public static let loadEventBytes = 256 << 10
  /// The request with which an instance joins: addresses, and a signed document.
  public static let joinBytes = 64 << 10
  /// A short answer of an instance or a balancer: a revision, a name, a problem document.
  public static let shortAnswerBytes = 64 << 10
  /// The list of an instance's sessions: 20,000 of them with names of usual length, ten times what
  /// an AOS carries.
  public static let sessionListBytes = 4 << 20
  /// The request for a list of servers: a kind, and room.
  public static let handshakeBytes = 4 << 10
  /// A body of a stranger that is longer than this takes one of `strangersBodies`.
  public static let strangersBodyBytes = 4 << 10
  /// Longer bodies of strangers that are under way at one time, from one network and in all. The
  /// longest is `keyStepsBytes`.
  public static let strangersBodiesOfNetwork = 16
  /// The same in all.
  public static let strangersBodies = 256

  // MARK: Answers to tokens at a balancer

  /// Answers to one token that are under way at one time, and to all tokens.
  public static let answersOfToken = 64
  /// The same for all tokens together.
  public static let answers = 256
  /// Bytes of them that nobody has taken yet; one answer of each token always has room.
  public static let answerBytesOfToken = 32 << 20
  /// The same for all tokens together.
  public static let answerBytes = 128 << 20
  /// Instances that one token may be asking for their sessions at one time.
  public static let questionsOfToken = 16

  // MARK: Reservations

  /// Places that one network may have reserved where half of the free ones are fewer: the users
  /// of a terminal server.
  public static let reservationsOfNetwork = 64

  // MARK: Rates of one load feed

  /// Events a second, for long. An instance reports its load at most 50 times a second, beats once,
  /// and says rarely what it obeys.
  public static let feedEventsPerSecond = 100
  /// Events that may come at once: what has gathered while the balancer stood still for half a
  /// minute.
  public static let feedEventsAtOnce = 3_000
  /// Bytes a second, for long: about 6,000 tickets of arrived sessions.
  public static let feedBytesPerSecond = 256 << 10
  /// Bytes that may come at once.
  public static let feedBytesAtOnce = 4 << 20
  /// What a piece of a feed counts for at least: however it is cut up, reading it costs something.
  public static let feedPieceBytes = 64
  /// The same as they come from the socket, chunks' heads and TLS included: twice as many, so that
  /// an honest feed never meets this limit first.
  public static let feedSocketBytesPerSecond = 2 * feedBytesPerSecond
  /// Bytes of the socket that may come at once.
  public static let feedSocketBytesAtOnce = 2 * feedBytesAtOnce

  // MARK: Feeds between balancers

  /// Other balancers whose reservations one balancer reads: far more than a cluster has.
  public static let peerFeeds = 16
  /// One report: all members with what is reserved there, of about 110 bytes each, and room.
  public static let peerReportBytes = 2 << 20
  /// Bytes a second, for long: 50 reports of what 200 handshakes have changed, or a complete one of
  /// all members every two seconds.
  public static let peerBytesPerSecond = 1 << 20
  /// Bytes that may come at once.
  public static let peerBytesAtOnce = 8 << 20

  // MARK: Joins at one balancer

  /// Joins of one id that may come at once; an honest instance repeats its join every 3 to 30 s.
  public static let joinsAtOnce = 20
  /// Joins of one id a second, for long.
  public static let joinsPerSecond = 1
  /// Joins of all ids with one token that may come at once.
  public static let joinsPerTokenAtOnce = 500
  /// The same a second, for long.
  public static let joinsPerTokenPerSecond = 50

  // MARK: Sessions read through one balancer

  /// How often one token, or the Unix socket, may read one instance's sessions at once.
  public static let sessionReadsAtOnce = 100
  /// The same a second, for long.
  public static let sessionReadsPerSecond = 20
  /// Searches for sessions on all servers that one token may have under way, and all together.
  public static let searchesOfToken = 2
  /// The same for all tokens and the Unix socket together.
  public static let searches = 8
  /// Servers that one search asks at one time.
  public static let searchedAtOnce = 32

  // MARK: Connections to an application

  /// Open in one session at one time: a browser has six to a server, a pool of a client some
  /// dozens.
  public static let connectionsOfSession = 64
  /// Bytes of one direction that an instance holds for a peer that takes nothing: half of them
  /// wait, and one read of as many is under way.
  public static let tunnelBytes = 128 << 10

  // MARK: Balancers at an instance

  /// Load feeds of one balancer at one time: one, and the one that takes its place.
  public static let feedsPerBalancer = 2
  /// Load feeds at one time: far more than a cluster has balancers.
  public static let feeds = 64
  /// Used tokens of balancers that an instance remembers until they expire: what ten balancers need
  /// where a token reads sessions as often as it may.
  public static let usedTokens = 65_536
}
