internal import Access
internal import Bytes
internal import Fanout
internal import Grid

/// A page for people: one HTML text with its style in it, and nothing from elsewhere. It has no script.
enum Page {
    /// An answer that is the page.
    static func response(_ body: ByteBuffer) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache"),
                ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"),
            ], body: body)
    }

    /// Nothing may be loaded or run; the style is known by its digest.
    static let policy: String = {
        let digest = Base64.encode(SHA256.digest("\(style)").bytes)
        return "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
    }()

    /// The page with that title around `body`, which is HTML.
    static func html(_ title: String, _ body: String) -> ByteBuffer {
        var text = ByteBuffer(capacity: body.utf8.count + 4096)
        text.append(
            """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title)) – NeuroGrid</title>
            <style>\(style)</style>
            <header><b>NeuroGrid</b><nav><a href="/api-docs">API</a><a href="/docs/security">Security</a>\
            <a href="/openapi.json">openapi.json</a><a href="/asyncapi.json">asyncapi.json</a></nav></header>
            <main>
            <h1>\(escaped(title))</h1>
            \(body)
            </main>
            </html>

            """ as String)
        return text
    }

    /// Text as HTML, in an attribute too.
    static func escaped(_ text: String) -> String {
        var html = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            default: html.unicodeScalars.append(scalar)
            }
        }
        return html
    }

    /// Text as HTML, with what stands between grave accents as code.
    static func marked(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { place, part in
            place % 2 == 0 ? escaped(String(part)) : "<code>" + escaped(String(part)) + "</code>"
        }.joined()
    }

    private static let style: StaticString = """

        :root{color-scheme:light dark;--ink:#1b2430;--soft:#5d6b7c;--line:#dfe4ea;--paper:#fff;--tint:#f4f6f9;
        --key:#0b63c5}
        @media(prefers-color-scheme:dark){:root{--ink:#e4e9ef;--soft:#93a1b3;--line:#2b3542;--paper:#12171e;
        --tint:#1a212b;--key:#6db3ff}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
        header{display:flex;flex-wrap:wrap;gap:.5rem 2rem;padding:.9rem 1.5rem;border-bottom:1px solid var(--line)}
        nav{display:flex;flex-wrap:wrap;gap:1.2rem}
        a{color:var(--key);text-decoration:none}
        a:hover{text-decoration:underline}
        main{max-width:62rem;margin:0 auto;padding:1.5rem}
        h1{font-size:1.9rem;margin:.5rem 0 1rem}
        h2{margin:2.4rem 0 .3rem;padding-top:1.2rem;border-top:1px solid var(--line)}
        h3{margin:1.4rem 0 .4rem;font-size:1rem}
        p{max-width:46rem}
        code,pre{font:.88em/1.5 ui-monospace,monospace;background:var(--tint);border-radius:5px}
        code{padding:.1em .35em;overflow-wrap:anywhere}
        pre{margin:.2rem 0 .8rem;padding:.8rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%}
        td{padding:.35rem .8rem .35rem 0;vertical-align:top;border-bottom:1px solid var(--line)}
        td.m{width:5rem;font-weight:600;color:var(--key)}
        summary{cursor:pointer;padding:.3rem 0}
        .s{color:var(--soft)}
        .who{margin-right:.6rem;padding:0 .5rem;border:1px solid var(--line);border-radius:1rem;font-size:.78rem;
        color:var(--soft)}

        """
}
