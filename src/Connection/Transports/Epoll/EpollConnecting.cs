using System.Net;
using System.Net.Sockets;

namespace RawSocketChat;

/// <summary>A TCP connection that is being made: its loop tells when it is there. The framework's own epoll never learns of the socket.</summary>
internal sealed class EpollConnecting : IEpollTarget
{
    private readonly Socket _socket;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EpollConnecting(Socket socket) => _socket = socket;

    /// <inheritdoc/>
    public ulong Slot { get; set; }

    /// <inheritdoc/>
    public bool IsRequeued { get; set; }

    /// <inheritdoc/>
    public int Descriptor => (int)_socket.SafeHandle.DangerousGetHandle();

    /// <summary>Connects.</summary>
    public static async Task RunAsync(EpollLoop loop, Socket socket, EndPoint endPoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        socket.Blocking = false;
        try
        {
            socket.Connect(endPoint);
            return;
        }
        catch (SocketException begun) when (begun.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
        }

        var connecting = new EpollConnecting(socket);
        using var cancellation = cancellationToken.UnsafeRegister(
            static (self, token) => ((EpollConnecting)self!)._connected.TrySetCanceled(token), connecting);
        loop.Add(connecting);
        try
        {
            await connecting._connected.Task.ConfigureAwait(false);
        }
        finally
        {
            loop.Detach(connecting);
        }
    }

    /// <inheritdoc/>
    public void OnEvents(int flags)
    {
        var error = (SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error == SocketError.Success)
        {
            _connected.TrySetResult();
        }
        else
        {
            _connected.TrySetException(new SocketException((int)error));
        }
    }

    /// <inheritdoc/>
    public void Abort() => _connected.TrySetException(new SocketException((int)SocketError.ConnectionAborted));
}
