internal import Configuration
internal import ArgumentParser
@main struct Main { static func main() {} }
