/// Version of the programs, the same for all of them.
public enum ProgramVersion {
  /// The version of every program of this release (semantic versions).
  public static let current = "0.2.0"
}
