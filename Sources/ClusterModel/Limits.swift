/// The limits of everything that comes from outside the program, in one table.
///
/// The program checks each value where it receives it. A text is limited in characters, as people
/// count them, and in bytes, since one character can have any number of combining marks.
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
  /// A text of an instance that the balancer repeats in a row, a problem or the log.
  public static let quotedCharacters = 200
  /// A name of an enumeration, a field or a header that this release does not know.
  public static let unknownNameCharacters = 64
  /// The detail of a received problem document.
  public static let problemCharacters = 1_000
  /// The most bytes for each character that a text may have: UTF-8 needs at most 4 for one scalar.
  public static let bytesPerCharacter = 4

  // MARK: Texts, in bytes

  /// An id of an instance.
  public static let instanceIDBytes = 64
  /// A host: the longest name of the DNS (RFC 1035, section 2.3.4, less the length bytes).
  public static let hostBytes = 253
  /// A ticket of a handshake; those of a balancer are about a quarter as long.
  public static let ticketBytes = 128
  /// The common beginning of all tickets of one balancer's process.
  public static let ticketMarkBytes = 32
  /// A signed document (JWT).
  public static let documentBytes = 16 << 10
  /// A digest of a desired state: its kind, a colon and 16 hexadecimal digits, and room.
  public static let digestBytes = 64

  // MARK: Numbers

  /// The highest maximum of an instance (`MaxConcurrentSessions` of Dynamics AX 2012). An instance
  /// cannot have more sessions, since no maximum was ever higher.
  public static let sessions = 65_535
  /// Seats of a license, or of the cluster's own setting.
  public static let seats = 1_000_000
  /// Any other count. No sum and no product of two such counts overflows.
  public static let count = 1_000_000_000
  /// A revision: the highest whole number that every reader of JSON keeps exactly (RFC 8259,
  /// section 6).
  public static let revision: Int64 = (1 << 53) - 1

  // MARK: Members

  /// Instances of one cluster: one balancer was measured with as many, and a dashboard still shows
  /// them smoothly. Balancers do not count.
  public static let members = 10_000
  /// The default number of ids that an access token may own. A host runs a handful of instances,
  /// and the holder of one lost token cannot take over the cluster.
  public static let tokenInstances = 64

  // MARK: Counts in one body

  /// Tickets in one event of a load feed.
  public static let ticketsPerEvent = 512

  /// Steps of the signing key that a registry keeps, and that an instance accepts at once. An
  /// instance that missed more steps needs the key again.
  public static let keySteps = 256

  /// Warnings in one answer; four exist.
  public static let warnings = 16
  /// Services of an instance; two exist.
  public static let services = 16

  // MARK: JSON of operators' requests

  /// The depth of nested objects and lists.
  public static let jsonDepth = 32
  /// Characters of one number.
  public static let jsonNumberCharacters = 64

  // MARK: One connection, in bytes

  /// One read of a socket. A connection whose answers nobody reads keeps as much in memory.
  public static let readBytes = 8 << 10
  /// Further requests that wait during one answer. Only where the peer closes its side can more
  /// than one read wait: then everything that the kernel has is read at once.
  public static let waitingBytes = 64 << 10
  /// The same while a route reads a body: the longest body, as much again, and a head.
  public static let waitingBodyBytes = 2 << 20
  /// What a request may send besides its body and the length of the body: empty lines in front of
  /// it, a head of at most 16 KiB, the sizes and extensions of chunks, and trailers. The length of
  /// the body is added for programs that write single words as chunks.
  public static let aroundBodyBytes = 64 << 10
  /// What a connection may send after an answer that ends it, or of a body that nobody reads: many
  /// clients write everything before they read.
  public static let thrownAwayBytes = 16 << 20

  // MARK: Bodies, in bytes

  /// The steps of the signing key: `keySteps` of about 400 bytes each, and some reserve.
  public static let keyStepsBytes = 256 << 10

  /// The signed list of a cluster's servers: about 7,000 servers with names of usual length.
  public static let serversBytes = 1 << 20

  /// One event of a load feed. The longest honest event has `ticketsPerEvent` tickets of
  /// `ticketBytes` and the JSON around them.
  public static let loadEventBytes = 256 << 10
  /// The request with which an instance joins: addresses and a signed document.
  public static let joinBytes = 64 << 10
  /// A short answer of an instance or a balancer: a revision, a name, a problem document.
  public static let shortAnswerBytes = 64 << 10
  /// The list of an instance's sessions: 20,000 sessions with names of usual length, ten times as
  /// many as an AOS carries.
  public static let sessionListBytes = 4 << 20
  /// The request for a list of servers: a kind, and some reserve.
  public static let handshakeBytes = 4 << 10
  /// A longer body of a stranger takes one of `strangersBodies`.
  public static let strangersBodyBytes = 4 << 10
  /// Longer bodies of strangers that one network may send at one time. The longest is
  /// `keyStepsBytes`.
  public static let strangersBodiesOfNetwork = 16
  /// The same for all networks together.
  public static let strangersBodies = 256

  // MARK: Answers to tokens at a balancer

  /// Answers that one token may wait for at one time.
  public static let answersOfToken = 64
  /// The same for all tokens together.
  public static let answers = 256
  /// Bytes of these answers that nobody has read yet. One answer of each token is always allowed.
  public static let answerBytesOfToken = 32 << 20
  /// The same for all tokens together.
  public static let answerBytes = 128 << 20
  /// Instances whose sessions one token may ask for at one time.
  public static let questionsOfToken = 16

  // MARK: Reservations

  /// Places that one network may reserve where half of the free places are fewer: the users of a
  /// terminal server.
  public static let reservationsOfNetwork = 64

  // MARK: Rates of one load feed

  /// Events a second on average. An instance reports its load at most 50 times a second, sends one
  /// heartbeat, and rarely reports what it obeys.
  public static let feedEventsPerSecond = 100
  /// Events that may come at once: those of half a minute in which the balancer stood still.
  public static let feedEventsAtOnce = 3_000
  /// Bytes a second on average: about 6,000 tickets of sessions that have arrived.
  public static let feedBytesPerSecond = 256 << 10
  /// Bytes that may come at once.
  public static let feedBytesAtOnce = 4 << 20
  /// What a piece of a feed counts for at least, since reading even a small piece takes time.
  public static let feedPieceBytes = 64
  /// The same, counted at the socket with the heads of chunks and TLS. It is twice as high, so that
  /// an honest feed never reaches this limit first.
  public static let feedSocketBytesPerSecond = 2 * feedBytesPerSecond
  /// Bytes at the socket that may come at once.
  public static let feedSocketBytesAtOnce = 2 * feedBytesAtOnce

  // MARK: Feeds between balancers

  /// Other balancers whose reservations one balancer reads: far more than a cluster has.
  public static let peerFeeds = 16
  /// One report: all members with their reservations, about 110 bytes each, and some reserve.
  public static let peerReportBytes = 2 << 20
  /// Bytes a second on average: 50 reports about the changes of 200 handshakes, or one complete
  /// report about all members every two seconds.
  public static let peerBytesPerSecond = 1 << 20
  /// Bytes that may come at once.
  public static let peerBytesAtOnce = 8 << 20

  // MARK: Joins at one balancer

  /// Joins of one id that may come at once; an honest instance repeats its join every 3 to 30 s.
  public static let joinsAtOnce = 20
  /// Joins of one id a second on average.
  public static let joinsPerSecond = 1
  /// Joins of all ids with one token that may come at once.
  public static let joinsPerTokenAtOnce = 500
  /// The same a second on average.
  public static let joinsPerTokenPerSecond = 50

  // MARK: Sessions read through one balancer

  /// How often one token, or the Unix socket, may read the sessions of one instance at once.
  public static let sessionReadsAtOnce = 100
  /// The same a second on average.
  public static let sessionReadsPerSecond = 20
  /// Searches for sessions on all servers that one token may have at one time.
  public static let searchesOfToken = 2
  /// The same for all tokens and the Unix socket together.
  public static let searches = 8
  /// Servers that one search asks at the same time.
  public static let searchedAtOnce = 32

  // MARK: Connections to an application

  /// Connections that one session may have at one time. A browser opens six to a server, and the
  /// pool of a client some dozens.
  public static let connectionsOfSession = 64
  /// Bytes of one direction that an instance keeps for a peer that does not read: half of them
  /// wait, and one read of as many is in progress.
  public static let tunnelBytes = 128 << 10

  // MARK: Balancers at an instance

  /// Load feeds of one balancer at one time: one, and the one that replaces it.
  public static let feedsPerBalancer = 2
  /// Load feeds at one time: far more than a cluster has balancers.
  public static let feeds = 64
  /// Used tokens of balancers that an instance remembers until they expire. This is enough for ten
  /// balancers where a token reads sessions as often as it may.
  public static let usedTokens = 65_536
}
