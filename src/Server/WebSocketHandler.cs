namespace RawSocketChat;

/// <summary>A server's code for one connection. The connection is closed when the task is done.</summary>
/// <param name="connection">
/// The connection, open. It is the handler's until its task is done: status 1000 closes it then, 1011 where the task failed.
/// </param>
/// <param name="stopping">Is cancelled when the server stops: the handler should come to its end.</param>
/// <returns>The handler's work.</returns>
public delegate Task WebSocketHandler(WebSocketConnection connection, CancellationToken stopping);
