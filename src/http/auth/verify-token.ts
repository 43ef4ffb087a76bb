/** A token's signature and claims, by whichever of the issuer's keys has signed it. */
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';

/** The library of tokens, which is loaded only where there is an authorization server. */
type Jose = Pick<typeof import('jose'), 'errors' | 'jwtVerify'>;

/**
 * The claims of a good token. Keys without an id are told apart by trying: the library names all that could be it.
 * @throws {errors.JOSEError | KeysUnavailable} as the library, or whoever finds the keys
 */
export async function verifyToken(
  { errors, jwtVerify }: Jose,
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (fault) {
        if (!(fault instanceof errors.JWSSignatureVerificationFailed)) throw fault;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}
