using System.Net.Sockets;

namespace RawSocketChat.Client.Tests.Support;

/// <summary>The part of a proxy behind its answer: it carries bytes both ways until one end is over.</summary>
internal static class TunnelProxy
{
    public static async Task CarryAsync(this ScriptedPeer peer, int port)
    {
        using var target = new TcpClient { NoDelay = true };
        await target.ConnectAsync("127.0.0.1", port);
        var stream = target.GetStream();
        var there = PumpAsync(peer.Stream, stream, () => target.Client.Shutdown(SocketShutdown.Send));
        var back = PumpAsync(stream, peer.Stream, peer.End);
        await Task.WhenAll(there, back);
    }

    private static async Task PumpAsync(Stream from, Stream to, Action end)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        finally
        {
            end();
        }
    }
}
