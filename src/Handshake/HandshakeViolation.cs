namespace RawSocketChat.Handshake;

/// <summary>Why a server's answer opens no connection: the client must fail it (RFC 6455 §4.1, §7.1.7).</summary>
/// <param name="Rule">The first rule that is broken.</param>
/// <param name="Reason">The same in one sentence. It never repeats what the peer sent.</param>
public readonly record struct HandshakeViolation(HandshakeRule Rule, string Reason);
