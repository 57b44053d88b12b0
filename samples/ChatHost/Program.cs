using System.Text;
using ChatHost;

// The announcements are Chinese by default: a console that is not told so shows question marks on Windows.
Console.OutputEncoding = Encoding.UTF8;

return await ChatHostSwitches.RunAsync(args, Console.Out, Console.Error, ChatServer.RunAsync);
