import { createHash, verify, X509Certificate } from 'node:crypto'
import { type Attribute, ContentInfo, id_signedData, SignedData, type SignerInfo } from '@peculiar/asn1-cms'
import { AsnConvert, type OctetString } from '@peculiar/asn1-schema'
import { id_ct_tstInfo, TSTInfo } from '@peculiar/asn1-tsp'

/** What a token says, once it is believed. */
export interface Stamped {
  readonly time: Date
  /** Subject of the authority's certificate. */
  readonly authority: string
}

/** A token that does not hold; the message says why. */
export class TimestampProblem extends Error {}

export interface Expected {
  /** SHA-256 that should have been stamped. */
  readonly imprint: Buffer
  /** As it was asked with; a token that was kept is held against none. */
  readonly nonce?: Buffer
  /** The authority's certificate, or those above it; without any, the certificate in the token is believed. */
  readonly trusted: readonly X509Certificate[]
}

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const SHA256 = '2.16.840.1.101.3.4.2.1'
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
/** signingCertificate (RFC 2634) and signingCertificateV2 (RFC 5035). */
const SIGNING_CERTIFICATE = ['1.2.840.113549.1.9.16.2.12', '1.2.840.113549.1.9.16.2.47']
const DIGESTS: Readonly<Record<string, string>> = {
  [SHA256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
/** Signature algorithms and the digest they name; null where CMS names it beside. */
const SIGNATURES: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.1': null,
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.2.1': null,
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}
const LONGEST_PATH = 5

/**
 * Checks a TimeStampToken (RFC 3161, 2.4.2): what it stamps, its CMS signature (RFC 5652, 5.4), that its certificate is for
 * time-stamping and was valid then, and the way from it to a trusted one.
 * @param token DER
 * @throws TimestampProblem
 */
export function verifyToken(token: Buffer, { imprint, nonce, trusted }: Expected): Stamped {
  const { signed, content, info } = readToken(token)
  const { hashAlgorithm, hashedMessage } = info.messageImprint
  if (hashAlgorithm.algorithm !== SHA256 || !bytesOf(hashedMessage).equals(imprint))
    throw new TimestampProblem('It stamps something else.')
  if (nonce && !(info.nonce && sameNumber(Buffer.from(info.nonce), nonce)))
    throw new TimestampProblem('It answers another request: its nonce is not the one that was sent.')
  const signer = signed.signerInfos[0]
  if (!signer || signed.signerInfos.length !== 1) throw new TimestampProblem('It is not signed by exactly one.')
  const given = (signed.certificates ?? []).flatMap(({ certificate }) =>
    certificate ? [new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)))] : [],
  )
  const certificate = [...given, ...trusted].find(each => isSignedBy(signer, content, each))
  if (!certificate) throw new TimestampProblem('Its signature is wrong, or the certificate that made it is not there.')
  if (!certificate.keyUsage?.includes(TIME_STAMPING))
    throw new TimestampProblem('The certificate that signed it is not for time-stamping.')
  if (trusted.length > 0) followPath(certificate, given, trusted, info.genTime)
  else requireValid(certificate, info.genTime)
  return { time: info.genTime, authority: certificate.subject.replaceAll('\n', ', ') }
}

function readToken(token: Buffer): { signed: SignedData; content: Buffer; info: TSTInfo } {
  try {
    const outer = AsnConvert.parse(token, ContentInfo)
    if (outer.contentType !== id_signedData) throw new Error('no signed data')
    const signed = AsnConvert.parse(outer.content, SignedData)
    const { eContentType, eContent } = signed.encapContentInfo
    const inner = eContent?.single ?? eContent?.any
    if (eContentType !== id_ct_tstInfo || inner === undefined) throw new Error('no TSTInfo')
    const content = inner instanceof ArrayBuffer ? Buffer.from(inner) : bytesOf(inner)
    return { signed, content, info: AsnConvert.parse(content, TSTInfo) }
  } catch {
    throw new TimestampProblem('It is no time-stamp token.')
  }
}

/** Whether this certificate's key signed the attributes, these name the content and the certificate itself. */
function isSignedBy(signer: SignerInfo, content: Buffer, certificate: X509Certificate): boolean {
  const digest = DIGESTS[signer.digestAlgorithm.algorithm]
  const own = SIGNATURES[signer.signatureAlgorithm.algorithm]
  if (digest === undefined || own === undefined || !signer.signedAttrs?.length) return false
  const attribute = (type: string) => signer.signedAttrs?.find(each => each.attrType === type)?.attrValues[0]
  const said = attribute(MESSAGE_DIGEST)
  const hash = createHash(digest).update(content).digest()
  if (!said || !Buffer.from(said).equals(octets(hash)) || !attribute(CONTENT_TYPE)) return false
  const naming = SIGNING_CERTIFICATE.map(attribute).find(value => value !== undefined)
  const names = ['sha1', 'sha256', 'sha384', 'sha512'].map(name =>
    octets(createHash(name).update(certificate.raw).digest()),
  )
  if (!naming || !names.some(name => Buffer.from(naming).includes(name))) return false
  try {
    return verify(own ?? digest, signedBytes(signer.signedAttrs), certificate.publicKey, bytesOf(signer.signature))
  } catch {
    return false
  }
}

/** What is signed of the attributes: in the message they stand as [0], for the signature as a SET OF in DER (RFC 5652, 5.4). */
function signedBytes(attributes: readonly Attribute[]): Buffer {
  const each = attributes.map(attribute => Buffer.from(AsnConvert.serialize(attribute))).sort(Buffer.compare)
  const { length } = Buffer.concat(each)
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x31, ...size]), ...each])
}

function followPath(
  signer: X509Certificate,
  given: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  at: Date,
): void {
  let current = signer
  for (let step = 0; step < LONGEST_PATH; step++) {
    requireValid(current, at)
    if (trusted.some(each => each.raw.equals(current.raw))) return
    const issued = (issuer: X509Certificate) =>
      issuer.ca && current.checkIssued(issuer) && current.verify(issuer.publicKey)
    const next = trusted.find(issued) ?? given.find(issued)
    if (!next || next.raw.equals(current.raw)) break
    current = next
  }
  throw new TimestampProblem('No trusted certificate stands behind it.')
}

function requireValid(certificate: X509Certificate, at: Date): void {
  if (at < new Date(certificate.validFrom) || at > new Date(certificate.validTo))
    throw new TimestampProblem(`The certificate of ${certificate.subject.replaceAll('\n', ', ')} was not valid then.`)
}

function bytesOf(value: OctetString): Buffer {
  return Buffer.from(value.buffer)
}

/** DER of an octet string of up to 127 bytes. */
function octets(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x04, bytes.length]), bytes])
}

/** DER writes an integer without leading zeros but with one before a high bit. */
function sameNumber(a: Buffer, b: Buffer): boolean {
  return BigInt(`0x0${a.toString('hex')}`) === BigInt(`0x0${b.toString('hex')}`)
}
