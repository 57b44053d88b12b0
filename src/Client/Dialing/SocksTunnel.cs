using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RawSocketChat.Dialing;

/// <summary>A tunnel through a SOCKS5 proxy, which resolves the name (RFC 1928), with a user and a password where there are any (RFC 1929).</summary>
internal static class SocksTunnel
{
    private const byte Version = 5;
    private const byte NoAuthentication = 0;
    private const byte UserAndPassword = 2;
    private const byte Connect = 1;
    private const byte AddressIPv4 = 1;
    private const byte AddressName = 3;
    private const byte AddressIPv6 = 4;

    /// <summary>Opens the tunnel: what is read and written next is the target's.</summary>
    /// <exception cref="WebSocketHandshakeException">The proxy refuses.</exception>
    public static async Task OpenAsync(
        Transport transport, ClientTarget target, NetworkCredential? credentials, CancellationToken cancellationToken)
    {
        var method = await AgreeOnMethodAsync(transport, credentials, cancellationToken).ConfigureAwait(false);
        if (method == UserAndPassword)
        {
            await AuthenticateAsync(transport, credentials!, cancellationToken).ConfigureAwait(false);
        }

        await ConnectAsync(transport, target, cancellationToken).ConfigureAwait(false);
    }

    // RFC 1928 §3: version, the number of methods, the methods; answered by the version and the one chosen.
    private static async Task<byte> AgreeOnMethodAsync(Transport transport, NetworkCredential? credentials, CancellationToken cancellationToken)
    {
        byte[] greeting = credentials is null ? [Version, 1, NoAuthentication] : [Version, 2, NoAuthentication, UserAndPassword];
        await transport.WriteAsync(new(greeting)).ConfigureAwait(false);
        var answer = await ReadAsync(transport, 2, cancellationToken).ConfigureAwait(false);
        CheckVersion(answer[0]);
        return answer[1] switch
        {
            NoAuthentication => NoAuthentication,
            UserAndPassword when credentials is not null => UserAndPassword,

            // RFC 1928 §3: "If the selected METHOD is X'FF', none of the methods listed by the client are acceptable"
            0xFF => throw new WebSocketHandshakeException(
                WebSocketHandshakeFault.ProxyAuthentication, "The SOCKS proxy wants another authentication."),
            _ => throw Broken("it chose an authentication that was not offered"),
        };
    }

    // RFC 1929 §2: version 1, user and password with their lengths; answered by the version and 0 for yes.
    private static async Task AuthenticateAsync(Transport transport, NetworkCredential credentials, CancellationToken cancellationToken)
    {
        var user = Encoding.UTF8.GetBytes(credentials.UserName);
        var password = Encoding.UTF8.GetBytes(credentials.Password);
        if (user.Length is 0 or > byte.MaxValue || password.Length is 0 or > byte.MaxValue)
        {
            throw new WebSocketHandshakeException(
                WebSocketHandshakeFault.ProxyAuthentication, "SOCKS takes a user and a password of 1 to 255 bytes each (RFC 1929 §2).");
        }

        await transport.WriteAsync(new((byte[])[1, (byte)user.Length, .. user, (byte)password.Length, .. password])).ConfigureAwait(false);
        var answer = await ReadAsync(transport, 2, cancellationToken).ConfigureAwait(false);
        if (answer[1] != 0)
        {
            throw new WebSocketHandshakeException(
                WebSocketHandshakeFault.ProxyAuthentication, "The SOCKS proxy does not take this user and password.");
        }
    }

    // RFC 1928 §4, §6.
    private static async Task ConnectAsync(Transport transport, ClientTarget target, CancellationToken cancellationToken)
    {
        var port = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)target.Port);
        await transport.WriteAsync(new((byte[])[Version, Connect, 0, .. AddressOf(target.Host), .. port])).ConfigureAwait(false);

        var answer = await ReadAsync(transport, 4, cancellationToken).ConfigureAwait(false);
        CheckVersion(answer[0]);
        if (answer[1] != 0)
        {
            throw new WebSocketHandshakeException(WebSocketHandshakeFault.Proxy, $"The SOCKS proxy refuses: {Meaning(answer[1])}.");
        }

        // Where the proxy is bound is of no use here, but it must be read: what follows is the target's.
        var rest = answer[3] switch
        {
            AddressIPv4 => 4,
            AddressIPv6 => 16,
            AddressName => (await ReadAsync(transport, 1, cancellationToken).ConfigureAwait(false))[0],
            _ => throw Broken("its address is of no known kind"),
        };
        await ReadAsync(transport, rest + port.Length, cancellationToken).ConfigureAwait(false);
    }

    private static byte[] AddressOf(string host)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address.AddressFamily == AddressFamily.InterNetwork ? AddressIPv4 : AddressIPv6, .. address.GetAddressBytes()];
        }

        var name = Encoding.ASCII.GetBytes(host);
        return name.Length <= byte.MaxValue
            ? [AddressName, (byte)name.Length, .. name]
            : throw new WebSocketHandshakeException(WebSocketHandshakeFault.Proxy, "SOCKS takes names of at most 255 bytes (RFC 1928 §5).");
    }

    private static async Task<byte[]> ReadAsync(Transport transport, int length, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await transport.ReadOnceAsync(cancellationToken).ConfigureAwait(false);
            if (result.Buffer.Length >= length)
            {
                var read = result.Buffer.Slice(0, length);
                var bytes = read.ToArray();
                transport.Input.AdvanceTo(read.End);
                return bytes;
            }

            transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                throw Broken("it ended the connection");
            }
        }
    }

    private static void CheckVersion(byte version)
    {
        if (version != Version)
        {
            throw Broken($"it answered with version {version}");
        }
    }

    private static WebSocketHandshakeException Broken(string how) =>
        new(WebSocketHandshakeFault.Proxy, $"The SOCKS proxy did not keep to RFC 1928: {how}.");

    // RFC 1928 §6.
    private static string Meaning(byte reply) => reply switch
    {
        1 => "general failure",
        2 => "its rules do not allow this connection",
        3 => "the network is unreachable",
        4 => "the host is unreachable",
        5 => "the host refused the connection",
        6 => "the time to live ran out",
        7 => "it does not know the command CONNECT",
        8 => "it does not know this kind of address",
        _ => $"reply {reply}",
    };
}
