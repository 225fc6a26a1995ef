internal import JWTKit
internal import Crypto
