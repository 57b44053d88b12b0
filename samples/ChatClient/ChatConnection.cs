using System.Net.WebSockets;

using RawSocketChat;

namespace ChatClient;

/// <summary>The chat over any number of connections: the name is told again on each, before anything else.</summary>
internal sealed class ChatConnection : IAsyncDisposable
{
    private readonly ReconnectingWebSocketClient _client;
    private readonly IChatView _view;

    private volatile string? _name;
    private volatile string? _toldName;

    /// <param name="server">The server.</param>
    /// <param name="options">The options of each connection.</param>
    /// <param name="maxWaiting">How many messages may wait for the next connection; 0: they are refused.</param>
    /// <param name="name">The nickname; null for the server's choice.</param>
    /// <param name="view">Where the chat is shown.</param>
    public ChatConnection(Uri server, WebSocketClientOptions options, int maxWaiting, string? name, IChatView view)
    {
        _name = name;
        _view = view;
        _client = new(server, options, new() { MaxQueuedMessages = maxWaiting, OnStateChanged = OnStateChangedAsync });
    }

    /// <summary>Why there is no connection any more, and will be none; null as long as there may be one.</summary>
    public ReconnectCause? End => _client.Status is { State: ReconnectState.Ended, Cause: { } cause } ? cause : null;

    /// <summary>Shows what comes, until the chat is closed or the server has refused for good.</summary>
    public async Task RunAsync()
    {
        await foreach (var message in _client.ReadAllAsync())
        {
            if (message.Type == WebSocketMessageType.Text && ServerMessageParser.Parse(message.Payload.ToArray()) is { } told)
            {
                await _view.ShowAsync(told);
            }

            TellName();
        }
    }

    /// <summary>Waits for the first connection.</summary>
    /// <exception cref="NotConnectedException">There will be none.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken) => _client.ConnectAsync(cancellationToken);

    /// <summary>Says something.</summary>
    /// <exception cref="NotConnectedException">There is no connection; nothing was sent.</exception>
    /// <exception cref="ConnectionClosedException">The connection ended meanwhile.</exception>
    public ValueTask SayAsync(string text, CancellationToken cancellationToken) =>
        _client.SendAsync(ClientMessages.Say(text), WebSocketMessageType.Text, cancellationToken);

    /// <summary>Says something where that can be done at once.</summary>
    /// <returns>False where there is no connection, or none that takes more now; nothing was sent then.</returns>
    public bool TrySay(string text) => _client.TrySend(ClientMessages.Say(text), WebSocketMessageType.Text);

    /// <summary>Takes another name, from now on and on each connection to come.</summary>
    /// <returns>Whether the server is told already.</returns>
    public bool Rename(string name)
    {
        _name = name;
        return TellName();
    }

    /// <summary>Closes with status 1000.</summary>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async ValueTask OnStateChangedAsync(ReconnectStatus status, CancellationToken cancellationToken)
    {
        await _view.ShowStateAsync(status);
        if (status.Connection is { } connection && _name is { } name)
        {
            await connection.SendAsync(ClientMessages.SetName(name), WebSocketMessageType.Text, cancellationToken);
            _toldName = name;
        }
    }

    // A name that was taken while the connection opened, or had no room, is told with the next message that comes.
    private bool TellName()
    {
        if (_name is { } name && name != _toldName && _client.TrySend(ClientMessages.SetName(name), WebSocketMessageType.Text))
        {
            _toldName = name;
        }

        return _name == _toldName;
    }
}
