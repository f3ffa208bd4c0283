/** Three parts of base64url, as `jwt_token_file` takes it. */
const jwtForm = /^[\w-]+\.([\w-]+)\.[\w-]*$/;

/**
 * What is wrong with the content of a file that is to be a client's `jwt_token_file`; `undefined`: nothing. Some clients send no
 * credentials at all, and say nothing, where they cannot use it.
 */
export function jwtFileProblem(content: string): string | undefined {
  const [, payload] = jwtForm.exec(content.trim()) ?? [];
  if (payload === undefined) return "holds no JWT, and clients by xDS send no other tokens";
  if (typeof claimsOf(payload)?.exp !== "number") return "holds a JWT without `exp`, which clients do not take";
  if (content !== content.trim())
    return "has blanks or a line end around its JWT, which not all clients take: write it by printf %s";
  return undefined;
}

function claimsOf(payload: string): { readonly exp?: unknown } | null {
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString());
  } catch {
    // No JWT has such a payload: it has no claims.
    return null;
  }
}
