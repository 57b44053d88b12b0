namespace RawSocketChat.Handshake;

/// <summary>What a well-formed head must say, whether or not it asks for an upgrade.</summary>
internal static class HeadRules
{
    public static HttpRefusal? Check(HttpRequest request)
    {
        // RFC 9112 §3.2: 400 for a request without Host, with more than one, or with an invalid one.
        // RFC 6455 §4.2.1: "A |Host| header field containing the server's authority."
        if (request.Fields.CountOf("Host", out Range host) != 1)
        {
            return HttpRefusal.BadRequest("There must be exactly one Host field.");
        }

        if (!Authority.TryParse(request.Fields.Memory(host), out _))
        {
            return HttpRefusal.BadRequest("The Host field is not a host and an optional port.");
        }

        if (!request.IsGet)
        {
            // Answered with 405, body or not; what follows it is never read as anything.
            return null;
        }

        // RFC 9112 §6.1, §11.2: no request that is served here has a body, and two readings of where one ends are how
        // requests are smuggled: what would be its body must never be read as frames.
        if (request.Fields.CountOf("Transfer-Encoding", out _) != 0)
        {
            return HttpRefusal.BadRequest("A request with Transfer-Encoding is not taken.");
        }

        // RFC 9112 §6.2: a single 0 says what leaving the field out says; all else announces a body or is ambiguous.
        int lengths = request.Fields.CountOf("Content-Length", out Range length);
        return lengths == 0 || (lengths == 1 && request.Fields.Bytes(length).SequenceEqual("0"u8))
            ? null
            : HttpRefusal.BadRequest("A request with a body is not taken.");
    }
}
