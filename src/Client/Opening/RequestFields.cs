using System.Net;
using System.Text;

using RawSocketChat.Handshake;

namespace RawSocketChat.Opening;

/// <summary>What the options add to the request.</summary>
internal static class RequestFields
{
    /// <summary>Checks subprotocols, further fields and the origin.</summary>
    /// <exception cref="ArgumentException">One of them cannot be sent.</exception>
    public static void Check(WebSocketClientOptions options) =>
        _ = new UpgradeOffer { SubProtocols = options.SubProtocols, Headers = options.Headers, Origin = options.Origin };

    /// <summary>All that the client asks for.</summary>
    public static UpgradeOffer Offer(WebSocketClientOptions options, Uri cookieUri, DeflatePolicy? deflate)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (options.Credentials is { } credentials)
        {
            headers.Add(new("Authorization", Basic(credentials)));
        }

        if (options.Cookies?.GetCookieHeader(cookieUri) is { Length: > 0 } cookies)
        {
            headers.Add(new("Cookie", Sendable(cookies)));
        }

        headers.AddRange(options.Headers);
        return new() { SubProtocols = options.SubProtocols, Deflate = deflate, Origin = options.Origin, Headers = headers };
    }

    /// <summary>The value for Authorization and Proxy-Authorization (RFC 7617 §2).</summary>
    public static string Basic(NetworkCredential credentials) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.UserName}:{credentials.Password}"));

    // RFC 6265 §4.1.1: a cookie's value is printable ASCII. A server may have set another all the same, and must not make every attempt fail.
    private static string Sendable(string cookies) =>
        string.Concat(cookies.Select(character => character is '\t' or (>= ' ' and <= '~') ? character : '?'));
}
