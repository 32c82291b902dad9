// sample: connect
const socket = new WebSocket('ws://localhost:3001/ws');

socket.onopen = () => {
    console.log('Connected to NeuroGrid');
    
    // Authenticate immediately after connection
    socket.send(JSON.stringify({
        type: 'authenticate',
        data: {
            token: 'your-jwt-token-here'
        }
    }));
};
// sample: join
// Join task updates room
socket.send(JSON.stringify({
    type: 'join_room',
    data: {
        room: 'tasks',
        filters: {
            user_id: 'user123',  // Optional: filter by user
            status: ['pending', 'running']  // Optional: filter by status
        }
    }
}));

// Join node monitoring room
socket.send(JSON.stringify({
    type: 'join_room',
    data: {
        room: 'nodes',
        filters: {
            regions: ['us-east-1', 'eu-west-1']
        }
    }
}));

// Join analytics room (admin only)
socket.send(JSON.stringify({
    type: 'join_room',
    data: {
        room: 'analytics'
    }
}));
// sample: leave
socket.send(JSON.stringify({
    type: 'leave_room',
    data: {
        room: 'tasks'
    }
}));
